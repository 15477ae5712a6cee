// Builds the Nx project graph, without which the boundary rule is silently skipped, and then runs ESLint.
import { spawnSync } from 'node:child_process';

const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', FORCE_COLOR: '0' };
const targets = process.argv.slice(2);

const graph = spawnSync('nx', ['show', 'projects', '--json'], { env, encoding: 'utf8' });
if (graph.status !== 0) {
  process.stderr.write(`The Nx project graph could not be built.\n${graph.stdout}${graph.stderr}`);
  process.exit(1);
}

const lint = spawnSync('eslint', ['--max-warnings=0', ...(targets.length ? targets : ['.'])], {
  env,
  encoding: 'utf8',
});
process.stdout.write(lint.stdout);
process.stderr.write(lint.stderr);
if (`${lint.stdout}${lint.stderr}`.includes('No cached ProjectGraph')) {
  process.stderr.write('The boundary rule was skipped: there is no Nx project graph.\n');
  process.exit(1);
}
process.exit(lint.status ?? 1);
