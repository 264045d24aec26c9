/**
 * Vitest reporter that ends the run with one line, `N passed, N failed, N skipped`, for people and
 * for scripts. A file that fails without a failed test (it does not load, a hook throws) and an
 * unhandled error count as one failure each.
 */
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const before = count.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') count[state] += 1;
      }
      if (module.state() === 'failed' && count.failed === before) count.failed += 1;
    }
    // At exit, so that nothing another reporter prints comes after it.
    process.once('exit', () => {
      process.stdout.write(
        `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
      );
    });
  }
}
