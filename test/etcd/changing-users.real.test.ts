import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import type { LeaseNews } from "../../src/etcd/process-lease.ts";
import { type RealEtcd, startEtcd } from "../support/etcd.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { addUsers, type EtcdAdmin } from "../support/etcd-with-users.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { create } from "../support/held-etcd.ts";
import { until } from "../support/until.ts";

const world = etcdWorld();
const PATIENT_MS = 20_000;

/** The flag of an etcd that gives JWTs, with keys in this folder. */
async function jwtTokens(folder: string): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const [priv, pub] = [join(folder, "jwt.key"), join(folder, "jwt.pub")];
  await writeFile(priv, privateKey);
  await writeFile(pub, publicKey);
  // A JWT ends with a whole second: of 1 s some would end as they begin.
  return `--auth-token=jwt,pub-key=${pub},priv-key=${priv},sign-method=RS256,ttl=2s`;
}

describe.each(["simple", "jwt"])("an etcd whose users change, with %s tokens", (kind) => {
  let folder: string;
  let server: RealEtcd | null;
  let admin: EtcdAdmin;
  let password = "pw";
  const user = { username: "edge", password: async () => new Secret(password) };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rig-jwt-"));
    const tokens = kind === "jwt" ? await jwtTokens(folder) : "--auth-token-ttl=2";
    server = await startEtcd([tokens, "--bcrypt-cost=4"]); // a sign-in then costs no tenth of a second
    if (server) admin = await addUsers(server);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A client that may do what it will under its prefix. */
  async function allowed(): Promise<Etcd> {
    const etcd = world.client(etcdClient({ endpoints: [server?.endpoint ?? ""], user, prefix: etcdPrefix() }));
    await admin.allow(etcd.keys.prefix);
    return etcd;
  }

  const put = (etcd: Etcd, name: string) =>
    etcd.commit(create(`${etcd.keys.prefix}${name}`, "v"), { deadlineMs: PATIENT_MS });

  /** How etcd refuses a write; a busy machine may have to be asked again. */
  const refusalOf = (etcd: Etcd, name: string) =>
    until(async () => {
      const error = await put(etcd, name).catch((refusal: RigError) => refusal);
      return error instanceof RigError && error.message.includes("etcd refuses this user") ? error : null;
    });

  it("is worked with before Auth is turned on, and on from then", async (context) => {
    if (!server) return context.skip();
    const etcd = world.client(etcdClient({ endpoints: [server.endpoint], user, prefix: "/early/" }));
    await admin.allow(etcd.keys.prefix);
    const before = await put(etcd, "before");

    await admin.enable();

    expect([before, await put(etcd, "after")]).toEqual([true, true]);
  });

  it("takes every write while roles change and tokens run out, and the watch and the lease go on", async (context) => {
    if (!server) return context.skip();
    const etcd = await allowed();
    const told: string[] = [];
    const onPut = ({ key }: { key: string }) => void told.push(key.slice(etcd.keys.prefix.length + 2));
    world.background((signal) => inform(etcd, `${etcd.keys.prefix}k/`, { onPut }, signal));
    const news: LeaseNews[] = [];
    const lease = await world.lease(etcd, { ttlSeconds: 4, onNews: (each) => news.push(each) });
    const written: string[] = [];
    const endsAt = performance.now() + 3_000; // longer than a token lives

    await until(async () => {
      const n = written.length;
      if (n % 20 === 10) await admin.allow(`/another/${n}`);
      const names = [`${n}`, `${n}b`];
      expect(await Promise.all(names.map((name) => put(etcd, `k/${name}`)))).toEqual([true, true]);
      written.push(...names);
      return performance.now() > endsAt;
    });
    await until(() => told.length >= written.length);

    expect([...told].sort()).toEqual([...written].sort());
    await until(() => lease.isSure());
    expect(news).not.toContain("lost");
  });

  it("refuses what was taken from the role, tells who refuses, and lets it be done once it is given back", async (context) => {
    if (!server) return context.skip();
    const etcd = await allowed();
    await put(etcd, "first");

    await admin.forbid(etcd.keys.prefix);
    const refusal = await refusalOf(etcd, "second");
    await admin.allow(etcd.keys.prefix);

    expect(refusal.code).toBe("ETCD_UNREACHABLE");
    expect(await etcd.get(`${etcd.keys.prefix}second`)).toBeNull();
    expect(await put(etcd, "second")).toBe(true);
  });

  it("is worked with again as soon as the new password is known here", async (context) => {
    if (!server) return context.skip();
    const etcd = await allowed();
    await put(etcd, "first");

    await admin.setPassword("rotated");
    const refusal = await refusalOf(etcd, "second");
    password = "rotated";

    expect(refusal.hint).toContain("ETCD_PASSWORD_FILE");
    expect(await until(() => put(etcd, "second").catch(() => false))).toBe(true);
  });
});
