import type { Reporter, TestModule } from 'vitest/node';

/** Prints the totals of the run as `N passed, N failed[, N skipped]` on a line of its own, for CI to read. */
export default class TotalReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      let testsFailed = false;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') totals.passed += 1;
        else if (state === 'failed') totals.failed += 1;
        else totals.skipped += 1;
        testsFailed ||= state === 'failed';
      }
      if (!testsFailed && module.state() === 'failed') totals.failed += 1;
    }
    const skipped = totals.skipped ? `, ${totals.skipped} skipped` : '';
    process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
  }
}
