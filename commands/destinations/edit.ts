import { RigError } from "../../src/domain/errors.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import { readSecretInput } from "../../src/runtime/cli/secret-input.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";
import { type DestinationFlags, readDestination } from "./destination-input.ts";
import { changedDestinationView } from "./destination-view.ts";

/** `rig destinations edit DESTINATION [--url URL] [--key-file F|-]` */
export async function run(
  options: GlobalOptions & DestinationFlags & { keyFile?: string },
  destinationId: string,
): Promise<void> {
  const input = readDestination(options);
  if (input === null && options.keyFile === undefined)
    throw new RigError("MISSING_INPUT", "nothing to change: give --url, --service or --key-file");
  const change = {
    ...(input !== null && { input }),
    ...(options.keyFile !== undefined && { destinationKey: await readSecretInput(options.keyFile, "--key-file") }),
  };
  const edited = await withContext(options, ({ destinations, actor }) =>
    destinations.edit(destinationId, change, actor),
  );
  await printOne(edited, changedDestinationView, options);
}
