import { createHash } from "node:crypto";
import { chmod, chown, cp, mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binariesIn, linkLibraries, type PostgresBinaries } from "./binaries.ts";
import { canReach, chooseRunAs, type RunAs, SYSTEM_PATH } from "./run-as.ts";

/** Where a PostgreSQL lives and how its programs are run there. */
export interface PostgresHome {
  /** Holds `data`, `password` and links; the folder asked for, or one that the unprivileged user can reach. */
  readonly folder: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  /** All that the programs see of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface HomeOptions {
  /** False: do as if user namespaces were closed. */
  readonly namespaces?: boolean;
  /** Where homes go that cannot stay in a folder closed to the user that runs PostgreSQL. */
  readonly homesFolder?: string;
}

/** Makes the folder (0700) and all that the programs need to run from it. Safe to repeat. */
export async function prepareHome(
  asked: string,
  packed: PostgresBinaries,
  { namespaces = true, homesFolder = "/var/lib" }: HomeOptions = {},
): Promise<PostgresHome> {
  await mkdir(asked, { recursive: true, mode: 0o700 });
  let folder = await findHomeFolder(asked);
  const runAs = await chooseRunAs(folder, { namespaces });
  if (runAs.ids && folder === asked && !(await canReach(runAs.ids, asked))) {
    folder = join(homesFolder, `rig-postgres-${shortHash(await realpath(asked))}`);
    await mkdir(folder, { recursive: true });
    await writeFile(movedTo(asked), `${folder}\n`);
  }
  await chmod(folder, 0o700);
  if (runAs.ids) await chown(folder, runAs.ids.uid, runAs.ids.gid);
  const binaries = await reachableBinaries(packed, folder, runAs);
  const libraries = await linkLibraries(binaries, join(folder, "lib"));
  return { folder, binaries, runAs, env: { PATH: SYSTEM_PATH, LC_ALL: "C", ...libraries } };
}

/** Remembers a home elsewhere, whatever is open or closed next time. */
const movedTo = (asked: string): string => join(asked, "moved-to");

/** Where the home is that was made for `asked`: there, or where it had to be moved to. */
export const findHomeFolder = async (asked: string): Promise<string> =>
  (await readFile(movedTo(asked), "utf8").catch(() => "")).trim() || asked;

/** A copy (60 MB, made once) where the checkout is closed to the user that runs PostgreSQL. */
async function reachableBinaries(packed: PostgresBinaries, folder: string, { ids }: RunAs): Promise<PostgresBinaries> {
  if (!ids || (await canReach(ids, packed.postgres))) return packed;
  const copy = join(folder, `native-${shortHash(packed.native)}`);
  if (!(await stat(copy).catch(() => null))) {
    await rm(`${copy}.new`, { recursive: true, force: true });
    await cp(packed.native, `${copy}.new`, { recursive: true });
    await chmod(`${copy}.new`, 0o755);
    await rename(`${copy}.new`, copy);
  }
  return binariesIn(copy);
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
