// The one gate: every check of the repository in the order in which they fail fastest.
// `node tools/gate.ts --fast` leaves out what takes minutes (integration, e2e and the compiled start).
import { spawnSync } from 'node:child_process';

interface Step {
  name: string;
  command: string;
  args: readonly string[];
  slow?: boolean;
}

const STEPS: readonly Step[] = [
  { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'wire contracts', command: 'buf', args: ['lint'] },
  { name: 'generated code', command: 'node', args: ['tools/check-generated.ts'] },
  { name: 'lint', command: 'node', args: ['tools/lint.ts'] },
  { name: 'typecheck', command: 'npm', args: ['run', '--silent', 'typecheck'] },
  { name: 'unit tests', command: 'vitest', args: ['run', '--project', 'unit'] },
];
const ALL_TESTS: Step = { name: 'tests', command: 'vitest', args: ['run'], slow: true };

const fast = process.argv.includes('--fast');
const steps = fast ? STEPS : [...STEPS.filter((step) => step.name !== 'unit tests'), ALL_TESTS];
for (const step of steps) {
  const started = performance.now();
  process.stdout.write(`gate: ${step.name}\n`);
  const { status, error } = spawnSync(step.command, step.args, { stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    process.stderr.write(
      `gate: ${step.name} failed after ${seconds} s${error ? `: ${error.message}` : ''}\n`,
    );
    process.exit(1);
  }
  // The tests end with their totals, which stay the last line.
  if (step !== ALL_TESTS) process.stderr.write(`gate: ${step.name} passed in ${seconds} s\n`);
}
