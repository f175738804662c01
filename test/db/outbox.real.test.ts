import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addToOutbox, outboxStore, refusedOrders } from "../../src/db/outbox.ts";
import { publishStore } from "../../src/db/publishes.ts";
import type { OutboxTask } from "../../src/domain/task.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { entry, seedPublish, seedStream } from "./seed.ts";

const AT = Date.UTC(2026, 0, 1);
let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

const task = (id: string): OutboxTask => ({ id, kind: "note", payload: { id, text: "ä\u2028'" } });

describe("the outbox", () => {
  it("has a task with its row's commit, and none where that is rolled back", async () => {
    const outbox = outboxStore(fresh.database);

    await fresh.database.transaction((tx) => addToOutbox(tx, [task("kept")], AT));
    const failing = fresh.database.transaction(async (tx) => {
      await addToOutbox(tx, [task("rolled back")], AT);
      throw new Error("no");
    });

    await expect(failing).rejects.toThrow("no");
    expect(await outbox.list(10)).toEqual([task("kept")]);
  });

  it("gives the oldest first, once each, until they are removed or refused", async () => {
    const outbox = outboxStore(fresh.database);
    await fresh.database.transaction(async (tx) => {
      await addToOutbox(tx, [task("b")], AT + 1);
      await addToOutbox(tx, [task("c"), task("d")], AT + 2);
      await addToOutbox(tx, [task("a"), task("b")], AT);
    });

    expect((await outbox.list(2)).map(({ id }) => id)).toEqual(["a", "b"]);
    await outbox.remove(["a"]);
    await outbox.refuse("b", "too large", AT);

    expect((await outbox.list(10)).map(({ id }) => id)).toEqual(["c", "d"]);
    const refused = await fresh.database.query("select id, reason from outbox where refused_at is not null");
    expect(refused).toEqual([{ id: "b", reason: "too large" }]);
  });

  it("shows what was refused, and gives it again once it is to be sent", async () => {
    const [outbox, refused] = [outboxStore(fresh.database), refusedOrders(fresh.database)];
    const all = { kind: null, limit: 10 };
    await fresh.database.transaction((tx) => addToOutbox(tx, [task("a"), task("b"), task("c")], AT));
    await outbox.refuse("b", "too large", AT + 2);
    await outbox.refuse("a", "too large", AT + 1);

    const shown = { kind: "note", payloadBytes: 29, orderedAt: AT, reason: "too large" };
    expect(await refused.list(all)).toEqual([
      { ...shown, id: "a", refusedAt: AT + 1 },
      { ...shown, id: "b", refusedAt: AT + 2 },
    ]);
    expect(await refused.list({ kind: "other", limit: 10 })).toEqual([]);
    expect((await refused.list({ kind: "note", limit: 1 })).map(({ id }) => id)).toEqual(["a"]);
    expect([await refused.sendAgain("c"), await refused.sendAgain("a")]).toEqual([0, 1]);
    expect((await outbox.list(10)).map(({ id }) => id)).toEqual(["a", "c"]);
    expect([await refused.sendAgain(null), await refused.sendAgain(null)]).toEqual([1, 0]);
    expect(await refused.list(all)).toEqual([]);
  });

  it("gives each kind its share, so that one that cannot be sent holds back no other", async () => {
    const stuck = Array.from({ length: 5 }, (_, n) => ({ ...task(`stuck-${n}`), kind: "full" }));
    await fresh.database.transaction((tx) => addToOutbox(tx, stuck, AT));
    await fresh.database.transaction((tx) => addToOutbox(tx, [task("free")], AT + 1));

    const listed = await outboxStore(fresh.database).list(2);

    expect(listed.map(({ id }) => id).sort()).toEqual(["free", "stuck-0", "stuck-1"]);
  });

  it("has the tasks of a publish's close with the close that counts, and not with a second one", async () => {
    const { id: publishId } = await seedPublish(fresh.database, await seedStream(fresh.database));
    const publishes = publishStore(fresh.database);

    const first = await publishes.close(publishId, "orphaned", entry("publish.close", publishId), [task("clear")]);
    const second = await publishes.close(publishId, "orphaned", entry("publish.close", publishId), [task("again")]);

    expect([first, second]).toEqual([true, false]);
    expect((await outboxStore(fresh.database).list(10)).map(({ id }) => id)).toEqual(["clear"]);
  });
});
