import { RigError } from "../src/domain/errors.ts";

/** Not there yet. */
export async function run(): Promise<void> {
  throw new RigError("INTERNAL", "rig down is not there yet");
}
