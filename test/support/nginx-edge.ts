import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixedPorts } from "./fixed-ports.ts";
import { findNginxRtmp, runNginx, type TestNginx } from "./nginx.ts";
import { rigCommands } from "./rig-commands.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Whose an edge's nginx is: root's, whose children run as nobody, or an ordinary user's. */
export type NginxOwner = "root" | "an ordinary user";

/** Those that this machine allows. */
export const nginxOwners: readonly NginxOwner[] = isRoot ? ["root", "an ordinary user"] : ["an ordinary user"];

/** An edge as README says: settings, and an nginx that is started by hand from what `rig config nginx` wrote. */
export interface NginxEdge {
  /** For the `rig` that attaches to it. */
  readonly settings: Readonly<Record<string, string>>;
  readonly publishUrl: string;
  /** Starts nginx; again after its end. */
  start(): Promise<TestNginx>;
  close(): Promise<void>;
}

/** Writes an edge's configuration; nginx does not run yet. */
export async function nginxEdge(owner: NginxOwner): Promise<NginxEdge> {
  const folder = await mkdtemp(join(tmpdir(), "rig-edge-"));
  const [runFolder, confPath] = [join(folder, "run"), join(folder, "nginx.conf")];
  const [rtmpPort = "", hookPort = "", callbackPort = ""] = Object.values(await fixedPorts());
  const settings = {
    INGEST_KIND: "nginx",
    NGINX_RUN_FOLDER: runFolder,
    INGEST_HOOK_SECRET_FILE: join(folder, "hook-secret"),
    INGEST_PORT: rtmpPort,
    INGEST_HOOK_PORT: hookPort,
  };
  await mkdir(runFolder, { mode: 0o700 });
  await writeFile(settings.INGEST_HOOK_SECRET_FILE, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  const { run } = rigCommands({ PATH: process.env.PATH, HOME: folder, ...settings }, folder);
  const user = owner === "root" ? ["--user", "nobody nogroup"] : [];
  const wanted = ["--module", findNginxRtmp() ?? "", "--callback-port", callbackPort, ...user, "--out", confPath];
  const { code, stderr } = await run(["config", "nginx", ...wanted]);
  if (code !== 0) throw new Error(`rig config nginx ended with ${code}: ${stderr}`);
  const other = owner === "an ordinary user" && isRoot ? { uid: NOBODY } : {};
  if (other.uid) for (const path of [folder, runFolder, confPath]) await chown(path, NOBODY, NOBODY);
  let nginx: TestNginx | null = null;
  return {
    settings,
    publishUrl: `rtmp://127.0.0.1:${rtmpPort}/live`,
    async start() {
      nginx = await runNginx({ runFolder, confPath, rtmpPort: Number(rtmpPort), ...other });
      return nginx;
    },
    async close() {
      await nginx?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
