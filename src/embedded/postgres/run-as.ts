import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { RigError } from "../../domain/errors.ts";

/** Where the few programs that PostgreSQL is started through are looked for. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const NOBODY = 65534;

/** How PostgreSQL is run, which refuses to be root. */
export interface RunAs {
  /** Words before the program: namespaces, and the signal it gets when its parent dies. */
  readonly prefix: readonly string[];
  /** Ids to switch to; none: as we are. */
  readonly ids: { readonly uid: number; readonly gid: number } | null;
}

/**
 * An ordinary user runs it as is; one without a name, whom initdb refuses (containers have such), in a user namespace
 * where it is "nobody". Root runs it as the owner of data that is there; else in such a namespace, where its files stay
 * root's; else, where namespaces are closed, as the real nobody.
 * @param home folder whose `data` decides
 * @throws RigError DATA_FOLDER for root's own data where namespaces are closed
 */
export async function chooseRunAs(
  home: string,
  { namespaces = true, isRoot = process.getuid?.() === 0, named = isNamed() } = {},
): Promise<RunAs> {
  const tie = ["setpriv", "--pdeathsig", "INT", "--"]; // INT: fast shutdown when the parent is killed
  const tied = async (prefix: string[]) =>
    (await succeeds([...prefix, ...tie, "true"])) ? [...prefix, ...tie] : prefix;
  const unshare = ["unshare", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--"];
  const canUnshare = async () => namespaces && (await succeeds([...unshare, "true"]));
  if (!isRoot) return { prefix: await tied(named || !(await canUnshare()) ? [] : unshare), ids: null };

  const owner = await stat(join(home, "data")).catch(() => null);
  if (owner && owner.uid !== 0) return { prefix: await tied([]), ids: { uid: owner.uid, gid: owner.gid } };
  if (await canUnshare()) return { prefix: await tied(unshare), ids: null };
  if (owner)
    throw new RigError("DATA_FOLDER", `${join(home, "data")} belongs to root, as whom PostgreSQL refuses to run`, {
      hint: "open user namespaces (sysctl kernel.unprivileged_userns_clone=1), or give the folder to another user (chown -R)",
    });
  return { prefix: await tied([]), ids: { uid: NOBODY, gid: NOBODY } };
}

function isNamed(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false; // no line in the password file
  }
}

/** Whether these ids can read (or enter) a path. Asks the kernel, so all folders above count. */
export const canReach = (ids: { uid: number; gid: number }, path: string): Promise<boolean> =>
  succeeds(["test", "-x", path], ids);

const succeeds = ([command = "", ...args]: string[], ids?: { uid: number; gid: number }): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(command, args, { env: { PATH: SYSTEM_PATH }, cwd: "/", timeout: 5_000, ...ids }, (error) =>
      resolve(error === null),
    );
  });
