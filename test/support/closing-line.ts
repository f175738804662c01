import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with one line, `N passed, N failed, N skipped`; with CI=true a skip is a failure. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].every((t) => t.result().state !== "failed"))
        count.failed += 1; // a file that broke before or after its tests
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed" || state === "failed") count[state] += 1;
        else {
          count.skipped += 1;
          skipped.push(test.fullName);
        }
      }
    }
    if (skipped.length > 0) process.stdout.write(`\nnot run:\n${skipped.map((name) => `  ${name}\n`).join("")}`);
    if (process.env.CI === "true" && count.skipped > 0) process.exitCode = 1;
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
