import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line that any CI can read: `12 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      // A file that cannot even be loaded has no tests to count.
      if (module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        else failed++; // failed, or skipped: the suite has no test to skip
      }
    }
    console.log(`${passed} passed, ${failed} failed`);
  }
}
