import { beforeEach, describe, expect, it } from "vitest";
import { type Users, userService } from "../../src/services/users.ts";
import { type FakePlatform, fakePlatform, OPERATOR } from "./fake-platform.ts";

let platform: FakePlatform;
let users: Users;

beforeEach(() => {
  platform = fakePlatform();
  users = userService(platform.ports);
});

const alice = () => users.add({ username: "alice", email: "a@example.org" }, OPERATOR);

const publishOf = (userId: string, n: number) => ({
  ...{ id: `p${n}`, streamId: `s${n}`, streamKeyId: "k", userId, agentId: "edge-1", startedAt: 0 },
  ...{ drop: null, end: null },
});

describe("userService", () => {
  it("adds a user with one audit entry", async () => {
    const user = await alice();

    expect(user).toMatchObject({ id: "id-1", username: "alice", disabledAt: null, createdAt: platform.clock.now() });
    expect(platform.state.audit).toEqual([
      { at: platform.clock.now(), actor: OPERATOR, action: "user.add", subject: "id-1", detail: { username: "alice" } },
    ]);
    expect(await users.get("alice")).toEqual(user);
    expect(await users.get("id-1")).toEqual(user);
  });

  it.each([
    ["username", { username: "Alice!", email: "a@example.org" }],
    ["email", { username: "alice", email: "nowhere" }],
  ])("refuses a bad %s and stores nothing", async (field, input) => {
    await expect(users.add(input, OPERATOR)).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field }] });

    expect(platform.state).toMatchObject({ users: [], audit: [] });
  });

  it("drops each live publish of a user that is disabled", async () => {
    const { id } = await alice();
    platform.state.publishes.push(publishOf(id, 1), publishOf(id, 2), publishOf("somebody else", 3));

    const disabled = await users.change("alice", { disabled: true }, OPERATOR);

    expect(disabled.disabledAt).toBe(platform.clock.now());
    expect(platform.state.drops).toEqual(["s1: user disabled", "s2: user disabled"]);
    expect(platform.state.audit.at(-1)).toMatchObject({ action: "user.disable", subject: id, actor: OPERATOR });
  });

  it("disables with etcd away: the drop comes with the next usage report, and a second call makes up for it", async () => {
    const { id } = await alice();
    platform.state.publishes.push(publishOf(id, 1));
    platform.state.etcdIsAway = true;

    await users.change("alice", { disabled: true }, OPERATOR);
    platform.state.etcdIsAway = false;
    await users.change("alice", { disabled: true }, OPERATOR);

    expect(platform.state.warnings).toHaveLength(1);
    expect(platform.state.drops).toEqual(["s1: user disabled"]);
    expect(platform.state.audit.filter(({ action }) => action === "user.disable")).toHaveLength(1);
  });

  it("enables again without a drop", async () => {
    await alice();
    await users.change("alice", { disabled: true }, OPERATOR);

    expect((await users.change("alice", { disabled: false }, OPERATOR)).disabledAt).toBeNull();
    expect(platform.state.drops).toEqual([]);
    expect(platform.state.audit.at(-1)).toMatchObject({ action: "user.enable" });
  });

  it("changes what is named of a quota, with one audit entry of that", async () => {
    const { id } = await alice();
    await users.change("alice", { quota: { viewerTokens: 3, viewerTokensPerDevice: 1 } }, OPERATOR);
    const changed = await users.change("alice", { quota: { viewerTokens: 2, viewerTokensPerDevice: 1 } }, OPERATOR);

    expect(changed.quota).toEqual({ viewerTokens: 2, viewerTokensPerDevice: 1, viewerTokensPerContent: null });
    expect(await users.get(id)).toEqual(changed);
    expect(platform.state.audit.slice(1)).toEqual([
      {
        ...{ at: platform.clock.now(), actor: OPERATOR, action: "user.quota", subject: id },
        detail: { username: "alice", viewerTokens: 3, viewerTokensPerDevice: 1 },
      },
      {
        ...{ at: platform.clock.now(), actor: OPERATOR, action: "user.quota", subject: id },
        detail: { username: "alice", viewerTokens: 2 },
      },
    ]);
  });

  it("takes a limit away, and enters nothing where nothing changes", async () => {
    await alice();
    await users.change("alice", { quota: { viewerTokens: 3 } }, OPERATOR);

    expect((await users.change("alice", { quota: { viewerTokens: null } }, OPERATOR)).quota.viewerTokens).toBeNull();
    await users.change("alice", { quota: { viewerTokens: null } }, OPERATOR);

    expect(platform.state.audit.map(({ action, detail }) => [action, detail.viewerTokens])).toEqual([
      ["user.add", undefined],
      ["user.quota", 3],
      ["user.quota", null],
    ]);
  });

  it("disables and limits a user in one, with an entry for each", async () => {
    await alice();

    const changed = await users.change("alice", { disabled: true, quota: { viewerTokens: 1 } }, OPERATOR);

    expect([changed.disabledAt, changed.quota.viewerTokens]).toEqual([platform.clock.now(), 1]);
    expect(platform.state.audit.slice(1).map(({ action }) => action)).toEqual(["user.disable", "user.quota"]);
  });

  it("refuses a quota of 0 by its field, and changes nothing", async () => {
    const user = await alice();
    const asked = users.change("alice", { disabled: true, quota: { viewerTokens: 0 } }, OPERATOR);

    await expect(asked).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field: "viewerTokens" }] });
    expect(await users.get("alice")).toEqual(user);
  });

  it("says USER_NOT_FOUND for a user who is not there", async () => {
    await expect(users.get("bob")).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
    await expect(users.change("bob", { disabled: true }, OPERATOR)).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
  });
});
