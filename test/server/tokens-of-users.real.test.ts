import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { User } from "../../src/domain/user.ts";
import { NO_QUOTA, type UserQuota } from "../../src/domain/user-quota.ts";
import { openTokensApi, type TokensApi } from "./tokens-api.ts";

let api: TokensApi;
beforeEach(async () => {
  api = await openTokensApi();
});
afterEach(() => api.close());

const post: TokensApi["post"] = (...asked) => api.post(...asked);
const create: TokensApi["create"] = (...asked) => api.create(...asked);
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const secretOf = async (body: object) => (await post("/secret", { session: "ada", ...body })).body.payload.secret;

function addUser(quota: Partial<UserQuota> = {}, change: Partial<User> = {}): void {
  api.users.push({
    ...{ id: "U1", username: "ada", email: "ada@example.org", disabledAt: null, createdAt: 0 },
    quota: { ...NO_QUOTA, ...quota },
    ...change,
  });
}

const disable = () => api.users.splice(0, 1, { ...(api.users[0] as User), disabledAt: 1 });

describe("tokens of a user", () => {
  it("are as many as the smallest of plan, quota and named limit lets in", async () => {
    addUser({ viewerTokens: 2 });
    const limits = [
      await create({ session: "one", user: "ada" }),
      await create({ session: "two", user: "U1", limit: 1 }),
      await create({ session: "three", user: "ada", plan: "named" }), // of 1
      await create({ session: "four", limit: 3 }),
    ].map(({ body }) => body.payload.limit);

    expect(limits).toEqual([2, 1, 1, 3]);
    expect((await create({ session: "one", user: "ada" })).status).toBe(201);
    expect((await create({ session: "one", user: "ada" })).body).toMatchObject({
      ...{ code: "VIEWER_LIMIT_REACHED", fullOf: "session", limit: 2 },
    });
  });

  it.each([
    ["device", { viewerTokensPerDevice: 1 }],
    ["content", { viewerTokensPerContent: 1 }],
  ])("are as many with one %s as the quota lets in", async (which, quota) => {
    addUser(quota);
    await create({ user: "ada", [which]: "x" });

    expect((await create({ user: "ada", [which]: "x" })).body).toMatchObject({ fullOf: which, limit: 3 });
    expect((await create({ user: "ada", [which]: "y" })).status).toBe(201);
  });

  it("are fewer 10 s after the quota was lowered, from the next renewal on", async () => {
    addUser();
    const [first] = [await create({ user: "ada" }), await create({ user: "ada" })];
    api.users.length = 0;
    addUser({ viewerTokens: 1 });

    const token = first?.body.payload.token;
    const before = await post("/refresh", { session: "ada", user: "ada", token });
    await api.clock.advance(10_000);
    const after = await post("/refresh", { session: "ada", user: "ada", token });

    expect([before, after].map(({ body }) => [body.payload.limit, body.payload.active.length])).toEqual([
      [3, 2],
      [1, 1],
    ]);
  });

  it("tell the user's limit where they are listed, stopped and evicted, and end by it no other", async () => {
    const tokens = [await create({}), await create({}), await create({})].map(({ body }) => body.payload);
    addUser({ viewerTokens: 1 });
    const user = { session: "ada", user: "ada" };
    const answers = [
      await post("/list", user),
      await post("/stop", { ...user, token: tokens[0].token }),
      await post("/evict", { ...user, id: tokens[1].id }),
    ];

    expect(answers.map(({ body }) => [body.payload.limit, body.payload.active.length])).toEqual([
      [1, 3],
      [1, 2],
      [1, 1],
    ]);
  });

  it("are nobody's where there is no such user", async () => {
    for (const path of ["", "/list", "/secret"]) {
      const { status, type, body } = await post(path, { session: "ada", user: "bob" });

      expect([status, type, body.code, body.msg]).toEqual([
        ...[404, "application/problem+json", "USER_NOT_FOUND", 'no user "bob"'],
      ]);
    }
    expect(api.store.asked).toEqual([]);
  });

  it("neither begin nor go on once the user is disabled; they are listed and stopped", async () => {
    addUser();
    const { token, id } = (await create({ user: "ada" })).body.payload;
    disable();
    await api.clock.advance(10_000);
    const user = { session: "ada", user: "ada" };

    for (const refused of [await create(user), await post("/refresh", { ...user, token }), await post("/secret", user)])
      expect([refused.status, refused.body.code]).toEqual([403, "USER_DISABLED"]);
    expect((await post("/list", user)).body.payload.active).toHaveLength(1);
    expect((await post("/stop", { ...user, id })).status).toBe(200);
  });

  it("are by the last known quota while the database is away, and refused for one who was never seen", async () => {
    addUser({ viewerTokens: 2 });
    await create({ user: "ada" });
    api.breakDatabase();
    await api.clock.advance(10_000);

    expect((await create({ user: "ada" })).body.payload.limit).toBe(2);
    const { status, headers, body } = await create({ user: "U1" });
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "DATABASE_UNREACHABLE", "1"]);
  });

  it("cost no look at users where none is named", async () => {
    api.breakDatabase();

    expect((await create({})).status).toBe(201);
    expect((await fetch(`${api.url}/streams`, { headers: { "x-stream-session": "bob" } })).status).toBe(200);
  });
});

describe("a session's secret that was made for a user", () => {
  it("holds the user's id, and its holder to the user's quota, as it is now", async () => {
    addUser({ viewerTokens: 2 });
    const made = (await post("/secret", { session: "ada", user: "ada" })).body.payload;
    expect(made).toMatchObject({ plan: "default", limit: 2, user: "U1" });
    expect(made.secret).toMatch(/^rvs1:default::U1:[\w-]{43}$/);
    const app = as(made.secret);

    expect((await create({}, app)).body.payload.limit).toBe(2);
    api.users.length = 0;
    addUser({ viewerTokens: 1 }, { username: "ada-2" }); // the same user, under another name
    await api.clock.advance(10_000);

    const byHeader = await api.send("GET", "", { "x-stream-session": "ada", ...app });
    expect(byHeader.body.payload.limit).toBe(1);
    expect((await create({}, app)).body.code).toBe("VIEWER_LIMIT_REACHED");
  });

  it("is good for no other user, under no name", async () => {
    addUser({ viewerTokens: 1 });
    addUser({}, { id: "U2", username: "bob" });
    const app = as(await secretOf({ user: "ada" }));
    const anybody = as(await secretOf({}));

    for (const user of ["bob", "U2", "nobody"])
      for (const secret of [app, anybody])
        expect((await create({ user }, secret)).body).toMatchObject({
          ...{ code: "FORBIDDEN", msg: `user ${user} is not the one of this session secret` },
        });
    expect(api.store.asked).toEqual([]);
    for (const user of ["ada", "U1"]) expect((await post("/list", { session: "ada", user }, app)).status).toBe(200);
  });

  it.each([
    ["another user", (secret: string) => secret.replace(":U1:", ":U2:")],
    ["no user", (secret: string) => secret.replace(":U1:", "::")],
    ["the user as its limit", (secret: string) => secret.replace("::U1:", ":1::")],
  ])("is void once it says %s", async (_what, forge) => {
    addUser({ viewerTokens: 1 });
    addUser({}, { id: "U2", username: "bob" });

    const { status, body } = await create({}, as(forge(await secretOf({ user: "ada" }))));

    expect([status, body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });

  it("is void for new tokens once the user is disabled, and for all once the user is removed", async () => {
    addUser();
    const app = as(await secretOf({ user: "ada" }));
    disable();
    await api.clock.advance(10_000);
    expect((await create({}, app)).body.code).toBe("USER_DISABLED");
    api.users.length = 0;
    await api.clock.advance(10_000);

    expect((await create({}, app)).body.code).toBe("USER_NOT_FOUND");
  });
});
