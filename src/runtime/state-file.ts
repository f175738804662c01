import { chmod, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../domain/errors.ts";
import { isRunning, ownIdentity, type ProcessIdentity } from "./process-identity.ts";
import { writePrivateFile } from "./tls/private-file.ts";

/** What a state file says, and whether the process that wrote it still runs. */
export interface RunState<State> {
  readonly owner: ProcessIdentity;
  readonly running: boolean;
  readonly state: State;
}

/** `state.json` in the data folder: through it other `rig` commands find a running platform. */
export interface StateFile<State> {
  /** Null where there is none. A killed owner's is still there, with `running: false`. @throws RigError DATA_FOLDER */
  read(): Promise<RunState<State> | null>;
  /** Replaces it as a whole, readable by its owner alone; this process becomes its owner. */
  write(state: State): Promise<void>;
  /** Safe to repeat. */
  remove(): Promise<void>;
}

/** Makes the data folder (0700), also where it exists with a wider mode. @throws RigError DATA_FOLDER */
export async function prepareDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw new RigError("DATA_FOLDER", `the data folder ${folder} cannot be used: ${(error as Error).message}`, {
      cause: error,
      hint: "Choose another one with --data or RIG_DATA.",
    });
  }
}

export function stateFile<State>(dataFolder: string): StateFile<State> {
  const path = join(dataFolder, "state.json");
  return {
    async read() {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
        throw new RigError("DATA_FOLDER", `${path} cannot be read: ${error.code}`, { cause: error });
      });
      if (text === null) return null;
      const { owner, state } = parse<State>(text, path);
      return { owner, state, running: isRunning(owner) };
    },
    write: (state) => writePrivateFile(path, `${JSON.stringify({ owner: ownIdentity(), state }, null, 2)}\n`),
    remove: () => rm(path, { force: true }),
  };
}

function parse<State>(text: string, path: string): { owner: ProcessIdentity; state: State } {
  try {
    const { owner, state } = JSON.parse(text);
    if (typeof owner.pid === "number" && typeof owner.start === "string") return { owner, state };
  } catch {
    // Said below: whatever it is, rig did not write it whole.
  }
  throw new RigError("DATA_FOLDER", `${path} is damaged`, { hint: "Remove it; `rig up` writes it again." });
}
