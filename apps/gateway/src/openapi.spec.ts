import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openApiDocumentOfAll, openApiFile } from './openapi-file.ts';

it('is committed as the routes describe it, else `npm run openapi:generate` writes it anew', () => {
  const committed: unknown = JSON.parse(readFileSync(openApiFile, 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(openApiDocumentOfAll())));
});
