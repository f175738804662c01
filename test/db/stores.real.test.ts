import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "../../src/db/audit.ts";
import type { Database } from "../../src/db/database.ts";
import { destinationStore, targetStore } from "../../src/db/destinations.ts";
import { publishStore } from "../../src/db/publishes.ts";
import { aesSealer } from "../../src/db/seal.ts";
import { streamStore } from "../../src/db/streams.ts";
import { userReader, userStore } from "../../src/db/users.ts";
import type { Destination } from "../../src/domain/destination.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { silentLog } from "../support/silent-log.ts";
import { AT, entry, hashOf, keyOf, seedPublish, seedStream } from "./seed.ts";

const sealer = aesSealer([{ id: "one", key: Buffer.alloc(32, 1) }]);
let fresh: FreshDatabase;
let database: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = fresh.database;
});

afterEach(() => fresh.drop());

const actions = async () => (await listAudit(database)).map(({ action }) => action);

describe("userStore", () => {
  it("finds a user by id and by username, as it was inserted", async () => {
    const { user } = await seedStream(database, "alice");
    const users = userStore(database);

    expect(await users.find(user.id)).toEqual(user);
    expect(await users.find("alice")).toEqual(user);
    expect(await users.find("nobody")).toBeNull();
    expect(await users.list()).toEqual([user]);
  });

  it("says ALREADY_EXISTS for a taken username and writes no audit entry", async () => {
    const { user } = await seedStream(database, "alice");
    const before = await actions();

    await expect(userStore(database).insert({ ...user, id: ulid() }, entry("user.add", "x"))).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: "username alice is taken",
    });

    expect(await actions()).toEqual(before);
  });

  it("disables and enables, and asks for the drop of the user's open publishes", async () => {
    const seed = await seedStream(database);
    const { id } = await seedPublish(database, seed);
    const users = userStore(database);

    const disabled = await users.update(seed.user.id, { disabledAt: AT }, [entry("user.disable", seed.user.id)]);
    const enabled = await users.update(seed.user.id, { disabledAt: null }, [entry("user.enable", seed.user.id)]);

    expect(disabled).toEqual({ ...seed.user, disabledAt: AT });
    expect(enabled).toEqual(seed.user);
    expect(await database.query("select drop_reason from publishes where id = $1", [id])).toEqual([
      { drop_reason: "user disabled" },
    ]);
    expect((await actions()).slice(0, 2)).toEqual(["user.enable", "user.disable"]);
    await expect(users.update("nobody", { disabledAt: AT }, [entry("user.disable", "nobody")])).rejects.toMatchObject({
      code: "USER_NOT_FOUND",
    });
  });
});

describe("a user's quota", () => {
  it("is stored as far as it is named, with its entries, and read by id and by username", async () => {
    const { user } = await seedStream(database, "alice");
    const users = userStore(database);
    const change = { viewerTokens: 3, viewerTokensPerDevice: 1 };
    await users.update(user.id, { quota: change }, [entry("user.quota", user.id)]);

    const both = { disabledAt: AT, quota: { viewerTokens: null, viewerTokensPerContent: 1_000 } };
    const entries = [entry("user.disable", user.id), entry("user.quota", user.id)];
    const changed = await users.update(user.id, both, entries);

    const quota = { viewerTokens: null, viewerTokensPerDevice: 1, viewerTokensPerContent: 1_000 };
    expect(changed).toEqual({ ...user, disabledAt: AT, quota });
    for (const name of [user.id, "alice"]) {
      expect(await users.find(name)).toEqual(changed);
      expect(await userReader(database)(name)).toEqual(changed);
    }
    expect(await userReader(database)("bob")).toBeNull();
    expect((await actions()).slice(0, 3)).toEqual(["user.quota", "user.disable", "user.quota"]);
  });

  it("is inserted with its user", async () => {
    const quota = { viewerTokens: 3, viewerTokensPerDevice: 2, viewerTokensPerContent: 1 };
    const user = { id: "u1", username: "alice", email: "a@b", disabledAt: null, quota, createdAt: AT };
    await userStore(database).insert(user, entry("user.add", "u1"));

    expect(await userStore(database).list()).toEqual([user]);
  });

  it("stays as it was where the entry cannot be written, or where the database does not take it", async () => {
    const { user } = await seedStream(database, "alice");
    const users = userStore(database);
    const unwritable = { ...entry("user.quota", user.id), at: 1e300 }; // no instant that PostgreSQL knows

    await expect(users.update(user.id, { quota: { viewerTokens: 2 } }, [unwritable])).rejects.toThrow();
    const none = users.update(user.id, { quota: { viewerTokens: 0 } }, [entry("user.quota", user.id)]);
    await expect(none).rejects.toMatchObject({ constraint: "users_viewer_tokens_check" });

    expect(await users.find("alice")).toEqual(user);
    expect(await actions()).not.toContain("user.quota");
  });
});

describe("streamStore", () => {
  it("lists streams with their owner's name, all or one user's", async () => {
    const a = await seedStream(database, "alice");
    const b = await seedStream(database, "bob");
    const streams = streamStore(database);

    expect(await streams.list()).toEqual([
      { ...a.stream, username: "alice" },
      { ...b.stream, username: "bob" },
    ]);
    expect(await streams.list(b.user.id)).toEqual([{ ...b.stream, username: "bob" }]);
    expect(await streams.find(a.stream.id)).toEqual(a.stream);
    expect(await streams.find("none")).toBeNull();
  });

  it("keeps of a stream key nothing but its hash", async () => {
    const { streamKey } = await seedStream(database);

    const [row] = await database.query<object>("select row_to_json(stream_keys)::text as text from stream_keys");

    expect(JSON.stringify(row)).not.toContain(streamKey);
    expect(JSON.stringify(row)).toContain(hashOf(streamKey).toString("hex"));
  });

  it("replaces keys: the old one is revoked, the new one is not, an open publish is to be dropped", async () => {
    const seed = await seedStream(database);
    const { id } = await seedPublish(database, seed);
    const next = keyOf(seed.stream.id);

    await streamStore(database).replaceKeys(next, hashOf("next"), entry("stream.rotate-key", seed.stream.id));

    const publishes = publishStore(database);
    expect((await publishes.findByKeyHash(hashOf(seed.streamKey)))?.key.revokedAt).toBe(AT);
    expect((await publishes.findByKeyHash(hashOf("next")))?.key).toEqual(next);
    expect(await database.query("select drop_reason from publishes where id = $1", [id])).toEqual([
      { drop_reason: "stream key revoked" },
    ]);
  });
});

describe("destinationStore", () => {
  const destination = (streamId: string): Destination => ({
    id: ulid(),
    streamId,
    service: null,
    server: null,
    url: "rtmp://example.org/app",
    enabled: true,
    createdAt: AT,
    revision: 1,
    retrySeq: 0,
  });
  const KEY = "key?with=&#strange signs";

  it("raises the stream's revision with each change, and gives targets of that revision", async () => {
    const { stream } = await seedStream(database);
    const destinations = destinationStore(database, sealer);
    const targets = targetStore(database, sealer, silentLog);
    const [a, b] = [destination(stream.id), destination(stream.id)];

    expect(await targets.targets(stream.id)).toEqual({ revision: 0, targets: [] });
    expect(await destinations.insert(a, new Secret(KEY), entry("destination.add", a.id))).toBe(1);
    expect(await destinations.insert(b, new Secret("b"), entry("destination.add", b.id))).toBe(2);
    const off = await destinations.update(b.id, { enabled: false }, entry("destination.disable", b.id));
    const edited = await destinations.update(a.id, { url: "rtmps://other/x" }, entry("destination.edit", a.id));
    const retried = await destinations.update(a.id, { retry: true }, entry("destination.retry", a.id));

    expect(off).toEqual({ streamRevision: 3, destination: { ...b, enabled: false, revision: 2 } });
    expect(edited).toEqual({ streamRevision: 4, destination: { ...a, url: "rtmps://other/x", revision: 2 } });
    expect(retried).toEqual({ streamRevision: 5, destination: { ...edited.destination, retrySeq: 1 } });
    const now = await targets.targets(stream.id);
    expect(now.revision).toBe(5);
    expect(now.targets.map((t) => [t.destination, t.destinationKey.open()])).toEqual([[retried.destination, KEY]]);
    expect(await destinations.remove(a.id, entry("destination.remove", a.id))).toBe(6);
    expect(await destinations.find(a.id)).toBeNull();
    expect(await destinations.list(stream.id)).toEqual([off.destination]);
  });

  it("seals a new destination key anew, and stores no key that can be read", async () => {
    const { stream } = await seedStream(database);
    const destinations = destinationStore(database, sealer);
    const one = destination(stream.id);
    await destinations.insert(one, new Secret("first-key"), entry("destination.add", one.id));

    await destinations.update(one.id, { key: new Secret("second-key") }, entry("destination.edit", one.id));

    const { targets } = await targetStore(database, sealer, silentLog).targets(stream.id);
    expect(targets[0]?.destinationKey.open()).toBe("second-key");
    const [{ sealed }] = (await database.query<{ sealed: Buffer }>(
      "select sealed_key as sealed from destinations",
    )) as [{ sealed: Buffer }];
    expect(sealed.includes("second-key")).toBe(false);
  });

  it("leaves out a destination whose key was moved from another row, and gives the others", async () => {
    const { stream } = await seedStream(database);
    const destinations = destinationStore(database, sealer);
    const [a, b] = [destination(stream.id), destination(stream.id)];
    for (const one of [a, b]) await destinations.insert(one, new Secret(one.id), entry("destination.add", one.id));

    await database.query(
      "update destinations set sealed_key = (select sealed_key from destinations where id = $1) where id = $2",
      [a.id, b.id],
    );

    const { targets } = await targetStore(database, sealer, silentLog).targets(stream.id);
    expect(targets.map((t) => t.destination.id)).toEqual([a.id]);
  });

  it.each(["update", "remove"] as const)("says DESTINATION_NOT_FOUND on %s of an unknown one", async (method) => {
    const destinations = destinationStore(database, sealer);
    const call =
      method === "update" ? destinations.update("x", {}, entry("a", "x")) : destinations.remove("x", entry("a", "x"));

    await expect(call).rejects.toMatchObject({ code: "DESTINATION_NOT_FOUND" });
  });
});

describe("publishStore", () => {
  it("finds who a stream key belongs to", async () => {
    const { user, stream, key, streamKey } = await seedStream(database);

    expect(await publishStore(database).findByKeyHash(hashOf(streamKey))).toEqual({ user, stream, key });
    expect(await publishStore(database).findByKeyHash(hashOf("other"))).toBeNull();
  });

  it("closes once: the first reason stands, with one audit entry", async () => {
    const publish = await seedPublish(database, await seedStream(database));
    const publishes = publishStore(database);

    expect(await publishes.close(publish.id, "unpublished", entry("publish.end", publish.id))).toBe(true);
    expect(await publishes.close(publish.id, "orphaned", entry("publish.end", publish.id))).toBe(false);

    expect(await database.query("select end_reason from publishes")).toEqual([{ end_reason: "unpublished" }]);
    expect((await actions()).filter((action) => action === "publish.end")).toHaveLength(1);
    expect(await publishes.find(publish.id)).toEqual({ ...publish, isOpen: false });
    expect(await publishes.requestDrop(publish.id, "operator", entry("stream.drop", "s"))).toBe(false);
  });

  it("lists as silent what gave no sign since before, and as open what has not ended", async () => {
    const seed = await seedStream(database);
    const publish = await seedPublish(database, seed);
    const publishes = publishStore(database);

    expect(await publishes.listSilent(AT)).toEqual([]);
    expect(await publishes.listSilent(AT + 1)).toEqual([publish]);
    expect(await publishes.listOpen(seed.user.id)).toEqual([publish]);
    await publishes.close(publish.id, "idle", entry("publish.end", publish.id));
    expect(await publishes.listOpen(seed.user.id)).toEqual([]);
    expect(await publishes.listSilent(AT + 1)).toEqual([]);
  });

  it("never lets a publish slip past a user who is disabled at the same time", async () => {
    const users = userStore(database);
    for (let round = 0; round < 20; round++) {
      const seed = await seedStream(database);
      const [accepted] = await Promise.allSettled([
        seedPublish(database, seed),
        users.update(seed.user.id, { disabledAt: AT }, [entry("user.disable", seed.user.id)]),
      ]);

      const rows = await database.query("select drop_reason from publishes where user_id = $1", [seed.user.id]);
      if (accepted?.status === "rejected") {
        expect(accepted.reason).toMatchObject({ code: "USER_DISABLED" });
        expect(rows).toEqual([]);
      } else expect(rows).toEqual([{ drop_reason: "user disabled" }]);
    }
  });
});
