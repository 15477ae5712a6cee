import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { openApiFile, openApiDocumentOfAll } from './openapi-file.ts';

const text = JSON.stringify(openApiDocumentOfAll());
writeFileSync(
  openApiFile,
  await format(text, { ...(await resolveConfig(openApiFile)), filepath: openApiFile }),
);
