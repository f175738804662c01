import { withSpinner } from "../src/runtime/cli/spinner.ts";
import { writeWord } from "../src/runtime/cli/write.ts";
import { systemClock } from "../src/runtime/clock.ts";
import { endProcess } from "../src/runtime/end-process.ts";
import { findHolder } from "../src/runtime/folder-lock.ts";
import { neverAborted } from "../src/runtime/lifecycle.ts";
import { dataFolderOf, type GlobalOptions } from "./global-options.ts";

const GRACE_MS = 12_000; // it stops by itself within 10 s

/** `rig down` */
export async function run(options: GlobalOptions): Promise<void> {
  const dataFolder = await dataFolderOf(options);
  const owner = await findHolder(dataFolder); // not by the state file: one that still starts has told nothing yet
  if (owner === null) return writeWord(`nothing runs on ${dataFolder}\n`);
  const how = await withSpinner("stopping the platform", () =>
    endProcess(owner, { graceMs: GRACE_MS, clock: systemClock }, neverAborted()),
  );
  await writeWord(how === "killed" ? "rig did not stop in time and was killed\n" : "rig has stopped\n");
}
