import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * Ends the run with what was not run, what failed and why, and one line, `N passed, N failed, N skipped`; with CI=true a
 * skip is a failure.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    const failed: string[] = [];
    const skipped: string[] = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failed.push(whyFailed(test));
        else skipped.push(test.fullName);
      }
      if (module.state() === "failed" && tests.every((test) => test.result().state !== "failed"))
        failed.push(`${module.relativeModuleId}: broke before or after its tests`);
    }
    list("not run", skipped);
    list("failed", failed);
    if (process.env.CI === "true" && skipped.length > 0) process.exitCode = 1;
    process.stdout.write(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`);
  }
}

const whyFailed = (test: TestCase): string =>
  `${test.module.relativeModuleId}: ${test.fullName}: ${test.result().errors?.[0]?.message.split("\n")[0] ?? ""}`;

function list(title: string, names: readonly string[]): void {
  if (names.length > 0) process.stdout.write(`\n${title}:\n${names.map((name) => `  ${name}\n`).join("")}`);
}
