import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveGrpc } from "../../src/embedded/etcd/grpc-server.ts";
import { openEmbeddedStore } from "../../src/embedded/etcd/store.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { type RigCommands, rigCommands } from "../support/rig-commands.ts";
import { type TcpProxy, tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const OPERATOR = "operator-token-of-the-test";

let folder: string;
let store: Awaited<ReturnType<typeof openEmbeddedStore>>;
let grpc: Awaited<ReturnType<typeof serveGrpc>>;
let fresh: FreshDatabase;
let proxy: TcpProxy;
let rig: RigCommands;
const roles: LoneRole[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-quota-"));
  store = await openEmbeddedStore({ folder, clock: systemClock });
  grpc = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
  fresh = await freshDatabase();
  proxy = await tcpProxy(new URL(fresh.url).host);
  const env = { DATABASE_URL: fresh.url, SEAL_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}` };
  rig = rigCommands({ PATH: process.env.PATH, RIG_DATA: folder, ...env }, folder);
});
afterAll(async () => {
  proxy?.mend();
  await Promise.all(roles.map((role) => role.stop()));
  await proxy?.close();
  await grpc?.close();
  await store?.close();
  await fresh?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function startTokens(env: Record<string, string>): Promise<string> {
  const role = startLoneRole(["server", "--only", "tokens"], {
    ...{ ETCD_ENDPOINTS: `127.0.0.1:${grpc.port}`, STREAM_SERVICE_PORT: "0", RIG_DATA: folder },
    ...{ RIG_TOKEN: OPERATOR, TOKEN_SECRET: "t".repeat(40), ...env },
  });
  roles.push(role);
  return (await role.logged<{ streamService: string }>("stream service serves")).streamService;
}

async function post(url: string, path: string, body: object, bearer = OPERATOR) {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/tokens${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const said = (await answer.json()) as { code?: string; msg: string; payload: { limit?: number; secret?: string } };
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), ...said };
}

/** What it says once it has looked everything up: on a slow machine the first look may take too long. */
const lookedUp = (...asked: Parameters<typeof post>) =>
  until(async () => {
    const said = await post(...asked);
    return said.status === 503 ? null : said;
  });

describe("rig quota set", () => {
  it("limits a user's viewers wherever tokens are served, leaves an audit entry, and is shown", async () => {
    const { id } = await rig.json<{ id: string }>(["users", "add", "ada", "--email", "ada@example.org"]);
    const quota = { viewerTokens: 2, viewerTokensPerDevice: 1, viewerTokensPerContent: null };

    const limits = ["--viewer-tokens", "2", "--viewer-tokens-per-device", "1"];
    expect(await rig.json(["quota", "set", "ada", ...limits])).toEqual({ id, username: "ada", quota });

    expect(await rig.json(["users", "list"])).toMatchObject([{ id, quota }]);
    expect((await rig.run(["quota", "show"])).stdout).toMatch(/ VIEWER TOKENS\nada .* 2, 1 a device\n$/);
    const entries = await fresh.database.query<{ body: string }>("select body from audit where action = 'user.quota'");
    expect(entries.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        subject: id,
        actor: { kind: "operator" },
        detail: { username: "ada", viewerTokens: 2, viewerTokensPerDevice: 1 },
      },
    ]);
    const wrong = await rig.run(["quota", "set", "bob", "--viewer-tokens", "1"]);
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('no user "bob"')]);
  });

  it("counts in the stream service alone, where a database is set, and through its silence", async () => {
    const through = new URL(fresh.url);
    through.host = proxy.endpoint;
    const [url, without] = await Promise.all([startTokens({ DATABASE_URL: through.href }), startTokens({})]);

    const secret = await lookedUp(url, "/secret", { session: "s", user: "ada" });
    expect(secret.payload.limit).toBe(2);
    const issued = await lookedUp(url, "", { session: "s" }, secret.payload.secret);
    expect([issued.status, issued.payload.limit]).toEqual([201, 2]);

    expect(await lookedUp(without, "", { session: "s", user: "ada" })).toMatchObject({
      ...{ status: 501, code: "NOT_CONFIGURED" },
      msg: "a user needs the setting databaseUrl (DATABASE_URL), which is not set here",
    });
    expect((await post(without, "", { session: "t" })).payload.limit).toBe(3);

    proxy.freeze();
    const [known, unseen, nobody] = await Promise.all([
      post(url, "", { session: "s" }, secret.payload.secret),
      post(url, "", { session: "s", user: "eve" }),
      post(url, "", { session: "u" }),
    ]);
    expect([known.status, known.payload.limit, nobody.status]).toEqual([201, 2, 201]);
    expect(unseen).toMatchObject({ status: 503, code: "DATABASE_UNREACHABLE", retryAfter: "1" });
  });
});
