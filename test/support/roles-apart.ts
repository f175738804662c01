import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../src/db/database.ts";
import { askHealth, type Health } from "./ask-health.ts";
import { type RealEtcd, startEtcd } from "./etcd.ts";
import { fixedPorts } from "./fixed-ports.ts";
import { emptyDatabase } from "./fresh-database.ts";
import { type LoneRole, startLoneRole } from "./lone-role.ts";
import { type RigCommands, rigCommands } from "./rig-commands.ts";
import { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";

type RoleName = "server" | "worker" | "agent";
type Env = Readonly<Record<string, string>>;

/** What server, worker and agent share: PostgreSQL behind a proxy, an etcd of their own, a CA, and the files of an operator. */
export interface RolesApart extends RigCommands {
  readonly folder: string;
  readonly database: Database;
  /** Stands between the roles and PostgreSQL. */
  readonly postgres: TcpProxy;
  readonly etcd: RealEtcd;
  readonly status: { readonly ingest: { readonly url: string } };
  /** The settings of a role; a certificate is issued where it takes one. `ca`: the folder of another CA than the platform's. */
  settingsOf(role: RoleName, choice?: { readonly name?: string; readonly ca?: string }): Promise<Env>;
  /** Starts `rig ROLE` with these settings; does not wait for it to serve. */
  launch(role: RoleName, settings: Env): LoneRole;
  /** Starts it with the settings that it takes, and waits until it serves. */
  start(role: RoleName): Promise<LoneRole>;
  /** Asks a role's health page, trusting the CA. */
  health(role: "server" | "agent", page: "heartbeat" | "livez" | "readyz"): Promise<Health>;
  /** Ends whatever still runs, the hard way. */
  close(): Promise<void>;
}

/** Makes all that roles need to run alone, the way README says; starts none of them. Null where etcd is not installed. */
export async function rolesApart(): Promise<RolesApart | null> {
  const etcd = await startEtcd();
  if (etcd === null) return null;
  const folder = await mkdtemp(join(tmpdir(), "rig-roles-"));
  const own = await emptyDatabase();
  const postgres = await tcpProxy(new URL(own.url).host);
  const ports = await fixedPorts();
  const roles: LoneRole[] = [];
  await writeFile(join(folder, "seal-keys"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  await writeFile(join(folder, "token"), `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });

  const url = new URL(own.url);
  url.host = postgres.endpoint;
  const nowhere = { RIG_DATA: join(folder, "nowhere") };
  const stores = { ...nowhere, DATABASE_URL: url.href, ETCD_ENDPOINTS: etcd.endpoint };
  const secrets = { SEAL_KEYS_FILE: join(folder, "seal-keys"), RIG_TOKEN_FILE: join(folder, "token") };
  const publishUrl = `rtmp://127.0.0.1:${ports.INGEST_PORT}/live`;
  const serverUrl = `https://127.0.0.1:${ports.SERVER_PORT}`;
  const admin = { ...stores, ...secrets, SERVER_URL: serverUrl, PUBLISH_URL: publishUrl };
  const commands = rigCommands({ PATH: process.env.PATH, HOME: folder, ...admin }, folder);
  const pki = (ca = "pki") => rigCommands({ PATH: process.env.PATH, HOME: folder, RIG_DATA: join(folder, ca) }, folder);

  const makeSettings = async (role: RoleName, name: string, ca?: string): Promise<Env> => {
    if (role === "worker") return { ...stores, WORKER_PORT: "0" }; // there may be several
    const files = await pki(ca).json<Record<string, string>>(["certs", "issue", role, name]);
    const tls = { TLS_CERT: files.cert ?? "", TLS_KEY: files.key ?? "", TLS_CA: files.ca ?? "" };
    if (role === "server")
      return { ...stores, ...secrets, ...tls, ...pick(ports, ["SERVER_PORT", "STREAM_SERVICE_PORT"]) };
    return {
      ...nowhere,
      ...tls,
      ...pick(ports, ["AGENT_PORT", "INGEST_PORT"]),
      ETCD_ENDPOINTS: etcd.endpoint,
      SERVER_URL: serverUrl,
      ALLOW_PRIVATE_DESTINATIONS: "true",
    };
  };
  const made = new Map<string, Promise<Env>>(); // a certificate is issued once, and tests may ask at the same time
  const settingsOf: RolesApart["settingsOf"] = (role, { name = role === "agent" ? "edge-1" : "main", ca } = {}) => {
    const id = [role, name, ca].join(" ");
    const settings = made.get(id) ?? makeSettings(role, name, ca);
    made.set(id, settings);
    return settings;
  };
  const launch = (role: RoleName, settings: Env) => {
    const launched = startLoneRole([role], settings);
    roles.push(launched);
    return launched;
  };
  const close = async () => {
    for (const { child } of roles) child.kill("SIGKILL");
    await Promise.all(roles.map((role) => role.stop()));
    await postgres.close();
    await own.drop();
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await pki().json(["certs", "init"]);
    await commands.json(["migrate"]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...commands,
    ...{ folder, database: own.database, postgres, etcd, settingsOf, launch, close },
    status: { ingest: { url: publishUrl } },
    async start(role) {
      const launched = launch(role, await settingsOf(role));
      await launched.logged(`${role} serves`);
      return launched;
    },
    async health(role, page) {
      const port = role === "server" ? ports.SERVER_PORT : ports.AGENT_PORT;
      return askHealth(
        `https://127.0.0.1:${port}/${page}`,
        await readFile(join(folder, "pki", "tls", "ca.pem"), "utf8"),
      );
    },
  };
}

const pick = (from: Env, names: readonly string[]): Env =>
  Object.fromEntries(names.map((name) => [name, from[name] ?? ""]));
