// Writes the schema of the computed data, which the metrics' registry makes, as code for the gateway, which imports no
// metrics: to the file that is named, else to the gateway's own.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { documentSchema } from '@touchline/metrics';

const { $defs, ...schema } = documentSchema();
// zod names what it makes of a definition by `id`.
const named = Object.fromEntries(
  Object.entries($defs).map(([id, definition]) => [id, { id, ...definition }]),
);

const file = process.argv[2] ?? 'apps/gateway/src/gen/computed-data.ts';
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(
  file,
  `// Generated from libs/metrics by \`npm run openapi:generate\`.
import type { fromJSONSchema } from 'zod';

export const computedDataSchema: Parameters<typeof fromJSONSchema>[0] = ${JSON.stringify({ ...schema, $defs: named }, null, 2)};
`,
);
