import { printRows } from "../../src/runtime/cli/output.ts";
import { readWhole } from "../../src/runtime/cli/read-number.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import type { GlobalOptions } from "../global-options.ts";
import { sessionView } from "./session-view.ts";
import { withViewers } from "./with-viewers.ts";

interface ListOptions extends GlobalOptions {
  readonly name?: string;
  readonly device?: string;
  readonly content?: string;
  readonly full?: boolean;
  /** As typed. */
  readonly limit: string;
}

const MAX_LIMIT = 100_000;

/** `rig tokens list [--name TEXT] [--device DEVICE] [--content CONTENT] [--full] [--limit N]` */
export async function run({ name, device, content, full = false, ...options }: ListOptions): Promise<void> {
  const limit = readWhole("--limit", options.limit, 1, MAX_LIMIT);
  const choice = { name: name ?? null, device: device ?? null, content: content ?? null, full, limit };
  const { sessions, isAll } = await withViewers(options, ({ viewers }) => viewers.list(choice));
  await printRows(sessions, sessionView, options);
  if (!isAll) await writeWord(`There are more: these are ${limit} of them, see --limit.\n`);
}
