// Generates the code of the wire contracts and of the API's client anew, beside the committed one, and fails when the
// two differ.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** `committed` is relative to `folder`, where the template is run. */
const TEMPLATES = [
  { folder: '.', template: 'buf.gen.yaml', committed: 'libs/contracts/src/gen' },
  { folder: 'libs/embedded-engines', template: 'buf.gen.eventstore.yaml', committed: 'src/log/gen' },
];

function filesBelow(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(root, file), readFileSync(file, 'utf8')];
    }),
  );
}

let differences = 0;
for (const { folder, template, committed } of TEMPLATES) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'touchline-generated-'));
  try {
    const { status } = spawnSync('buf', ['generate', '--template', template, '--output', scratch], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) process.exit(1);
    const fresh = filesBelow(path.join(scratch, committed));
    const kept = filesBelow(path.join(folder, committed));
    for (const file of new Set([...fresh.keys(), ...kept.keys()])) {
      if (fresh.get(file) === kept.get(file)) continue;
      differences += 1;
      process.stderr.write(
        `${path.join(committed, file)} is not what \`buf generate --template ${template}\` makes\n`,
      );
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What `npm run openapi:generate` makes, each by a command that is told the file to write. */
const OPENAPI: readonly { committed: string; command: string; args: (fresh: string) => string[] }[] = [
  {
    committed: 'apps/gateway/src/gen/computed-data.ts',
    command: process.execPath,
    args: (fresh) => ['--conditions=touchline-source', 'tools/write-computed-data.ts', fresh],
  },
  {
    committed: 'apps/e2e/src/gen/api-v1.ts',
    command: 'openapi-typescript',
    args: (fresh) => ['apps/gateway/openapi.json', '--output', fresh],
  },
];

const scratch = mkdtempSync(path.join(tmpdir(), 'touchline-generated-'));
try {
  for (const { committed, command, args } of OPENAPI) {
    const fresh = path.join(scratch, path.basename(committed));
    const { status } = spawnSync(command, args(fresh), { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) process.exit(1);
    if (readFileSync(fresh, 'utf8') === readFileSync(committed, 'utf8')) continue;
    differences += 1;
    process.stderr.write(`${committed} is not what \`npm run openapi:generate\` makes\n`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(differences ? 1 : 0);
