import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { etcdViewerServers } from "../../src/etcd/viewer-servers.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { openTlsFolder } from "../../src/runtime/tls/tls-folder.ts";
import { askHealth } from "../support/ask-health.ts";
import { etcdBinary, type RealEtcd, startEtcd } from "../support/etcd.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { oldViewer } from "../support/old-viewer.ts";
import { until } from "../support/until.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const SECRET = "0123456789abcdef0123456789abcdef";
const FULL = '{"errors":[{"code":2,"message":"Exceeded number of allowed sessions"}]}';
const EXPIRED = '{"errors":[{"code":3,"message":"Token expired"}]}';
const FAILED = '{"errors":[{"code":0,"message":"An unexpected error occurred."}]}';

describe.skipIf(etcdBinary() === null)("`rig server --only tokens`", () => {
  let etcd: RealEtcd;
  let folder: string;
  let env: Record<string, string>;
  const roles: LoneRole[] = [];
  const urls: string[] = [];

  const launch = (settings: Record<string, string> = {}) => {
    const role = startLoneRole(["server", "--only", "tokens"], { ...env, STREAM_SERVICE_PORT: "0", ...settings });
    roles.push(role);
    return role;
  };
  const urlOf = async (role: LoneRole) =>
    (await role.logged<{ streamService: string }>("stream service serves")).streamService;

  beforeAll(async () => {
    const started = await startEtcd();
    if (!started) throw new Error("no etcd");
    etcd = started;
    folder = await mkdtemp(join(tmpdir(), "rig-tokens-"));
    env = { RIG_DATA: join(folder, "nowhere"), ETCD_ENDPOINTS: etcd.endpoint };
    await writeFile(join(folder, "token-secret"), `${SECRET}\n`, { mode: 0o600 });
    await writeFile(join(folder, "operator"), "operator-of-the-test\n", { mode: 0o600 });
    const secrets = { TOKEN_SECRET_FILE: join(folder, "token-secret"), RIG_TOKEN_FILE: join(folder, "operator") };
    urls.push(...(await Promise.all([urlOf(launch(secrets)), urlOf(launch(secrets))])));
  });
  afterAll(async () => {
    for (const { child } of roles) child.kill("SIGKILL");
    await Promise.all(roles.map(({ ended }) => ended));
    await etcd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers a client of the first version, byte for byte, at any of the servers", async () => {
    const [here, there] = urls.map(oldViewer);
    if (!here || !there) throw new Error("two servers");

    const tokens = [await here.play("ada"), await there.play("ada"), await here.play("ada")];
    const full = await there.streams("ada");
    const renewed = await there.streams("ada", tokens[0]);
    const foreign = await here.streams("bob", tokens[0]);

    expect(tokens.join()).toMatch(new RegExp(`^${UUID},${UUID},${UUID}$`));
    expect([full.status, full.body]).toEqual([401, FULL]);
    expect([renewed.status, renewed.body]).toEqual([200, `{"session":"ada","token":"${tokens[0]}"}`]);
    expect([foreign.status, foreign.body]).toEqual([401, EXPIRED]);
    expect((await here.get("/")).body).toBe("OK");
    expect((await here.get("/streams")).body).toBe('{"errors":[{"code":1,"message":"No user session provided"}]}');
    expect((await here.get("/streams", {}, "PUT")).headers.allow).toBe("GET");
    here.close();
    there.close();
  });

  it("grants exactly three of 60 that come at once to both servers", async () => {
    const viewers = urls.map(oldViewer);
    const answers = await Promise.all(
      viewers.flatMap((viewer) => Array.from({ length: 30 }, () => viewer.streams("eve"))),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ body }) => body === FULL)).toHaveLength(57);
    for (const viewer of viewers) viewer.close();
  });

  it("has /v1/tokens too, with one token for one Idempotency-Key at both servers", async () => {
    const headers = {
      ...{ authorization: "Bearer operator-of-the-test", "content-type": "application/json" },
      "idempotency-key": "first try",
    };
    const body = JSON.stringify({ session: "joe", device: "tv" });
    const answers = await Promise.all(
      urls.map(async (url) => (await fetch(`${url}/v1/tokens`, { method: "POST", headers, body })).json()),
    );

    const payloads = (answers as { payload: { token: string; isRepeat: boolean } }[]).map(({ payload }) => payload);
    expect(payloads[0]?.token).toBe(payloads[1]?.token);
    expect(payloads.map(({ isRepeat }) => isRepeat).sort()).toEqual([false, true]);
    const metrics = await (await fetch(`${urls[0]}/metrics`)).text();
    expect(metrics).toMatch(/^rig_viewer_tokens_refused_total\{code="session_full"\} \d+$/m);
    expect(metrics).toMatch(/^rig_viewer_tokens_refused_total\{code="no_session"\} [1-9]/m);
    expect(metrics).toMatch(/^rig_viewer_tokens_live [1-9]/m);
    expect(metrics).toMatch(/^rig_viewer_store_seconds_count [1-9]/m);
    expect(metrics).toMatch(/^rig_clock_difference_seconds /m);
    expect(metrics).not.toContain("joe");
  });

  it("serves over TLS on any address, without asking viewers for a certificate", async () => {
    const tls = await openTlsFolder(join(folder, "pki"), systemClock);
    const { ca } = await tls.credentialFor({ kind: "server", name: "viewers", hosts: ["127.0.0.1"] });
    const files = {
      TLS_CERT: join(folder, "pki", "server-viewers.pem"),
      TLS_KEY: join(folder, "pki", "server-viewers.key"),
    };
    const url = await urlOf(launch({ ...files, STREAM_SERVICE_HOST: "0.0.0.0" }));

    const health = await askHealth(`https://127.0.0.1:${new URL(url).port}/livez`, ca);

    expect([new URL(url).protocol, health.status]).toEqual(["https:", 200]);
  });

  it("is told apart from others by its host and process, in the log and by `rig tokens top`", async () => {
    const facts = (role: LoneRole) => role.logged<{ viewerServer: string }>("stream service serves");
    const said = await Promise.all(roles.slice(0, 2).map(facts));
    const client = etcdClient({ endpoints: [etcd.endpoint] });
    const listed = async () => (await etcdViewerServers(client).list()).map(({ serverId }) => serverId);

    const ids = said.map(({ viewerServer }) => viewerServer);
    await until(async () => {
      const found = await listed();
      return ids.every((id) => found.includes(id));
    }).finally(() => client.close());

    expect(said[0]).toMatchObject({ store: `etcd at ${etcd.endpoint}`, tokenLimit: 3, tokenExpirySeconds: 30 });
    for (const [i, id] of ids.entries()) expect(id).toMatch(new RegExp(`:${roles[i]?.child.pid}:[0-9A-Z]{6}$`));
  });

  it("does not start in plain HTTP off loopback, and says in two lines what to set", async () => {
    const role = launch({ STREAM_SERVICE_HOST: "0.0.0.0" });

    expect(await role.ended).toBe(2);
    expect(role.output()).toMatch(
      /^rig: streamServiceHost 0\.0\.0\.0 is not loopback.*\nSet TLS_CERT and TLS_KEY, or .*STREAM_SERVICE_PROXIES=.*\n$/m,
    );
  });

  it("behind a declared proxy takes plain HTTP from it", async () => {
    const url = await urlOf(launch({ STREAM_SERVICE_HOST: "0.0.0.0", STREAM_SERVICE_PROXIES: "192.0.2.7" }));
    const viewer = oldViewer(`http://127.0.0.1:${new URL(url).port}`);

    expect((await viewer.get("/")).body).toBe("OK"); // loopback is always this machine
    viewer.close();
  });

  it("says 500 while etcd hangs, and serves again once it is back", async () => {
    const viewer = oldViewer(urls[0] ?? "");
    await etcd.freeze();

    const away = await viewer.streams("zoe");
    etcd.thaw();
    let tries = 0; // each for itself: one that was not answered may have taken a slot
    const isBack = async () => (await viewer.streams(`zoe ${tries++}`)).status === 200;
    const back = await until(isBack, { what: "it serves again" });

    expect([away.status, away.body, back]).toEqual([500, FAILED, true]);
    viewer.close();
  });

  it("stops with 0", async () => {
    expect(await Promise.all(roles.slice(0, 2).map((role) => role.stop()))).toEqual([0, 0]);
  });
});
