import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { RigError } from "../../domain/errors.ts";
import type { PostgresHome } from "./home.ts";

/** The administrator of an embedded PostgreSQL. */
export const SUPERUSER = "rig";

const MAJOR = "18"; // of the packed binaries; another major cannot read this one's files

/**
 * Makes the data folder on the first run: `data`, and the administrator's random password in `password` (0600).
 * Written under another name and renamed when complete, so a run that was killed in the middle is done again.
 * @throws RigError DATA_FOLDER where the data is of another major version or its password is lost
 */
export async function ensureDataFolder(
  home: PostgresHome,
  { sync }: { sync: boolean },
): Promise<{ data: string; passwordFile: string }> {
  const data = join(home.folder, "data");
  const passwordFile = join(home.folder, "password");
  if (await exists(data)) await checkDataFolder(data, passwordFile);
  else await initialise(home, data, passwordFile, sync);
  return { data, passwordFile };
}

async function checkDataFolder(data: string, passwordFile: string): Promise<void> {
  const version = await readFile(join(data, "PG_VERSION"), "utf8").then(
    (text) => text.trim(),
    () => null,
  );
  if (!version)
    throw new RigError("DATA_FOLDER", `${data} is no PostgreSQL data folder: PG_VERSION is missing or empty`, {
      hint: "restore it from a backup, or move it away to begin anew",
    });
  if (version !== MAJOR)
    throw new RigError("DATA_FOLDER", `${data} was written by PostgreSQL ${version}, this rig brings ${MAJOR}`, {
      hint: `use the rig that wrote it, or dump it with PostgreSQL ${version} and load it anew`,
    });
  if (!(await readFile(passwordFile, "utf8").catch(() => "")))
    throw new RigError("DATA_FOLDER", `${passwordFile} is missing or empty: nobody can sign in to the database`, {
      hint: "restore it from a backup",
    });
}

async function initialise(home: PostgresHome, data: string, passwordFile: string, sync: boolean): Promise<void> {
  const { runAs, binaries } = home;
  const unfinished = `${data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (runAs.ids) await chown(passwordFile, runAs.ids.uid, runAs.ids.gid);
  const options = ["--no-sync", "--no-locale", "-E", "UTF8", "--auth=scram-sha-256", "-U", SUPERUSER];
  await runInitdb(home, [binaries.initdb, "-D", unfinished, ...options, `--pwfile=${passwordFile}`]);
  if (sync) await runInitdb(home, [binaries.initdb, "-D", unfinished, "--sync-only"]); // 0.3 s; before the rename says "complete"
  await rename(unfinished, data);
}

async function runInitdb({ runAs, env }: PostgresHome, words: string[]): Promise<void> {
  const [command = "", ...args] = [...runAs.prefix, ...words];
  try {
    await promisify(execFile)(command, args, { env, cwd: "/", ...runAs.ids });
  } catch (cause) {
    const { stderr = "", message } = cause as Error & { stderr?: string };
    const lastLine = stderr.trim().split("\n").at(-1) || message;
    throw new RigError("DATA_FOLDER", `initdb failed: ${lastLine}`, {
      cause,
      hint: "is the disk full or the folder read-only?",
    });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
