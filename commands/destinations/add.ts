import { RigError } from "../../src/domain/errors.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import { readSecretInput } from "../../src/runtime/cli/secret-input.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { type DestinationFlags, readDestination } from "./destination-input.ts";
import { changedDestinationView } from "./destination-view.ts";

/** `rig destinations add STREAM --url URL --key-file F|-` */
export async function run(
  options: GlobalOptions & DestinationFlags & { keyFile: string },
  streamId: string,
): Promise<void> {
  const input = readDestination(options);
  if (input === null) throw new RigError("MISSING_INPUT", "a destination needs --url or --service");
  const key = await readSecretInput(options.keyFile, "--key-file");
  const added = await withContext(options, ({ destinations, actor }) => destinations.add(streamId, input, key, actor));
  await printOne(added, changedDestinationView, options);
}
