import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveGrpc } from "../../src/embedded/etcd/grpc-server.ts";
import { openEmbeddedStore } from "../../src/embedded/etcd/store.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";

let folder: string;
let store: Awaited<ReturnType<typeof openEmbeddedStore>>;
let grpc: Awaited<ReturnType<typeof serveGrpc>>;
const roles: LoneRole[] = [];

const start = (env: Record<string, string> = {}) => {
  const role = startLoneRole(["server", "--only", "tokens"], {
    ETCD_ENDPOINTS: `127.0.0.1:${grpc.port}`,
    STREAM_SERVICE_PORT: "0",
    ...env,
  });
  roles.push(role);
  return role;
};
const urlOf = async (role: LoneRole) =>
  (await role.logged<{ streamService: string }>("stream service serves")).streamService;
const open = async (url: string, headers: Record<string, string>) => {
  const answer = await fetch(`${url}/streams`, { headers });
  return { status: answer.status, body: (await answer.json()) as { token?: string; errors?: { code: number }[] } };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-tokens-"));
  store = await openEmbeddedStore({ folder, clock: systemClock });
  grpc = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await Promise.all(roles.map((role) => role.stop()));
  await grpc?.close();
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("rig server --only tokens", () => {
  it("serves viewers with nothing but an etcd, several servers under one limit, and ends when told to", async () => {
    const [first, second] = [start(), start()];
    const [one, other] = await Promise.all([urlOf(first), urlOf(second)]);

    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => open(index % 2 ? one : other, { "X-Stream-Session": "ada" })),
    );
    const issued = answers.filter(({ status }) => status === 200).map(({ body }) => body.token ?? "");
    const refused = answers.filter(({ status }) => status === 401);
    const renewed = await open(other, { "X-Stream-Session": "ada", "X-Stream-Token": issued[0] ?? "" });

    expect(new Set(issued).size).toBe(3);
    expect(refused.map(({ body }) => body.errors?.[0]?.code)).toEqual([2, 2, 2, 2, 2]);
    expect([renewed.status, renewed.body.token]).toEqual([200, issued[0]]);
    expect((await fetch(`${one}/readyz`)).status).toBe(200);
    expect((await fetch(`${one}/v1/users`)).status).toBe(404);
    expect(await first.stop()).toBe(0);
    await expect(fetch(one)).rejects.toThrow();
    expect(await (await fetch(other)).text()).toBe("OK");
  });

  it("takes the limit and the expiry from its environment", async () => {
    const url = await urlOf(start({ TOKEN_LIMIT: "1", STREAM_EXPIRY: "3" }));

    const ask = () => open(url, { "X-Stream-Session": "bob" });
    const both = await Promise.all([ask(), ask()]); // at once: on a busy machine one after the other may outlast the expiry
    const late = async () => (await ask()).status;

    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    await expect.poll(late, { timeout: 30_000 }).toBe(200);
  });

  it("says what is missing where there is no etcd", async () => {
    const role = startLoneRole(["server", "--only", "tokens"], { RIG_DATA: join(folder, "nowhere") });

    expect(await role.ended).toBe(6);
    expect(role.output()).toContain("set ETCD_ENDPOINTS");
  });

  it("refuses another part by a usage error", async () => {
    const role = startLoneRole(["server", "--only", "everything"]);

    expect(await role.ended).toBe(2);
    expect(role.output()).toContain("Allowed choices are tokens");
  });
});
