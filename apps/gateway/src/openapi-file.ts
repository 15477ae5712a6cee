import { fileURLToPath } from 'node:url';
import { openApiDocument } from './routes/openapi.ts';
import { apiRoutes } from './routes/index.ts';

/** The committed OpenAPI document. */
export const openApiFile = fileURLToPath(new URL('../openapi.json', import.meta.url));

export function openApiDocumentOfAll(): Record<string, unknown> {
  return openApiDocument(apiRoutes);
}
