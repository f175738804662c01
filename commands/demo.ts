import { readFile } from "node:fs/promises";
import type { Check } from "../src/demo/checks.ts";
import type { DemoNumbers } from "../src/demo/demo-numbers.ts";
import { invalidInput, RigError } from "../src/domain/errors.ts";
import { interruptible } from "../src/runtime/cli/interruptible.ts";
import { formatOf, printOne, printRows, type View } from "../src/runtime/cli/output.ts";
import { withSpinner } from "../src/runtime/cli/spinner.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { packageFile } from "../src/runtime/package-file.ts";
import type { GlobalOptions } from "./global-options.ts";
import { findPublishUrl } from "./streams/publish-url.ts";
import { withContext } from "./with-context.ts";

interface DemoOptions extends GlobalOptions {
  /** As typed. */
  readonly seconds: string;
}

/** What `--json` prints. */
interface DemoReport {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly numbers: DemoNumbers;
}

const MAX_SECONDS = 3600;

/** `rig demo [--seconds N]`: a table of checks, or all figures with `--json`; exits 1 where a check fails. */
export async function run(options: DemoOptions): Promise<void> {
  const seconds = readSeconds(options.seconds);
  const format = formatOf(options);
  const report = await interruptible((signal) => runOnPlatform(options, seconds, signal));
  if (!report) return;
  if (format === "table") await printRows(report.checks, checkView, options);
  else await printOne(report, reportView, options);
  const failed = report.checks.filter(({ ok }) => !ok).map(({ name }) => name);
  if (failed.length > 0)
    throw new RigError(
      "CHECK_FAILED",
      `${failed.length} of ${report.checks.length} checks failed: ${failed.join("; ")}`,
      {
        hint: "See `rig logs` for what the relays said.",
      },
    );
}

function readSeconds(typed: string): number {
  const seconds = Number(typed);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_SECONDS) return seconds;
  throw invalidInput("--seconds", `must be a whole number from 1 to ${MAX_SECONDS}, got ${JSON.stringify(typed)}`);
}

const runOnPlatform = (options: DemoOptions, seconds: number, signal: AbortSignal): Promise<DemoReport> =>
  withContext(options, async ({ users, streams, destinations, liveStreams, settings, actor }) => {
    const [{ runDemo }, clip, publishUrl] = await Promise.all([
      import("../src/demo/run-demo.ts"),
      readFile(packageFile("assets/demo.flv")),
      findPublishUrl(settings),
    ]);
    const status = async (streamId: string) => (await liveStreams.get(streamId)).publish;
    const ports = { users, streams, destinations, status, publishUrl, actor, clock: systemClock, random: Math.random };
    const { checks, numbers } = await withSpinner(`publishing to ${publishUrl} for ${seconds} s`, () =>
      runDemo(ports, { clip, seconds, signal }),
    );
    return { ok: checks.every(({ ok }) => ok), checks, numbers };
  });

const checkView: View<Check> = {
  columns: [
    { head: "CHECK", cell: ({ name }) => name },
    { head: "RESULT", cell: ({ ok }) => (ok ? "✔ passed" : "✖ failed") },
    { head: "SEEN", cell: ({ detail }) => detail },
  ],
  json: (check) => check,
  name: ({ name }) => name,
};

const reportView: View<DemoReport> = {
  columns: [{ head: "OK", cell: ({ ok }) => String(ok) }],
  json: (report) => report,
  name: ({ ok }) => String(ok),
};
