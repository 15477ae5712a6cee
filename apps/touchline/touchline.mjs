// Plain JavaScript, so that an old Node is told what is missing instead of stumbling over the first type.
import module from 'node:module';
import path from 'node:path';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(
    `Touchline needs Node 24.7 or later, and this is ${process.versions.node}. "npm ci" brings one for most platforms; where it has none, install Node 24.\n`,
  );
  process.exit(1);
}

module.enableCompileCache(path.resolve(import.meta.dirname, '../../node_modules/.cache/touchline'));
const fromSources = process.execArgv.includes('--conditions=touchline-source');
await import(fromSources ? './src/main.ts' : './dist/main.js');
