import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { RigError } from "../../domain/errors.ts";
import { FILE_MODE, readFolder, syncFolder } from "./log/folder.ts";
import type { Member } from "./wire/encode.ts";

// raised when the files change in a way that an older version cannot read
const FORMAT = 1;
/** The file that makes a folder a store's. */
export const IDENTITY_FILE = "store.json";

interface Identity extends Member {
  readonly format: number;
}

const ANEW = "Restore it from a backup, or move the folder away to begin with an empty store.";

/**
 * The ids of the folder's store, made on first use.
 * @throws RigError DATA_FOLDER for a folder of another format, or one whose store.json is gone or damaged
 */
export async function identityOf(folder: string, newId: () => string): Promise<Member> {
  const path = join(folder, IDENTITY_FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return create(folder, newId);
  const { format, clusterId, memberId } = parse(text, path);
  if (format !== FORMAT) throw new RigError("DATA_FOLDER", `${path} is of format ${format}; this rig reads ${FORMAT}`);
  return { clusterId, memberId };
}

async function create(folder: string, newId: () => string): Promise<Member> {
  const { logs, snapshots } = await readFolder(folder);
  if (logs.length > 0 || snapshots.length > 0)
    throw new RigError("DATA_FOLDER", `${join(folder, IDENTITY_FILE)} is missing beside the store's log`, {
      hint: ANEW,
    });
  return makeIdentity(folder, newId);
}

/** Gives the folder's store new ids. */
export async function makeIdentity(folder: string, newId: () => string): Promise<Member> {
  const path = join(folder, IDENTITY_FILE);
  const identity: Identity = { format: FORMAT, clusterId: newId(), memberId: newId() };
  const unfinished = `${path}.unfinished`;
  const handle = await open(unfinished, "w", FILE_MODE);
  try {
    await handle.writeFile(JSON.stringify(identity));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
  await syncFolder(folder);
  return identity;
}

function parse(text: string, path: string): Identity {
  try {
    return JSON.parse(text) as Identity;
  } catch (cause) {
    throw new RigError("DATA_FOLDER", `${path} is damaged`, { cause, hint: ANEW });
  }
}
