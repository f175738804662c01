import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ViewerRules } from "../../src/domain/viewer-operation.ts";
import { publicIdOf } from "../../src/domain/viewer-session.ts";
import { viewerDesk } from "../../src/services/viewer-desk.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { memoryViewers } from "../support/memory-viewers.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const RULES: ViewerRules = { limit: 1, expiryMs: 30_000, perDevice: null, perContent: null, policy: "evict-oldest" };
const VIEWER = { kind: "viewer", id: "viewer" } as const;
const EVE = { kind: "operator", id: "eve" } as const;
const at = { session: "ada", rules: RULES };

function open() {
  const store = memoryViewers(fakeClock());
  const tokenOf = (session: string, key: string) => `${session}-${key}`;
  const entered: unknown[] = [];
  const enter: Parameters<typeof viewerDesk>[0]["enter"] = async (...entry) => void entered.push(entry);
  return { store, entered, desk: viewerDesk({ store, hash, newToken: randomUUID, tokenOf, enter }) };
}

describe("viewerDesk", () => {
  it("issues, renews, lists, stops and evicts", async () => {
    const { desk, entered } = open();

    const first = await desk.create(at, { details: { device: "tv" } });
    const token = first.token ?? "";
    const { active } = await desk.list(at);
    const id = publicIdOf(active[0]!);

    expect(first.answer).toMatchObject({ answer: "issued", token: { details: { device: "tv", label: null } } });
    expect((await desk.refresh(at, token)).answer).toBe("renewed");
    expect(await desk.stop(at, { publicId: id }, VIEWER)).toMatchObject({
      answer: "ended",
      ended: { cause: "stopped" },
    });
    expect((await desk.stop(at, { token }, VIEWER)).answer).toBe("ended");
    const second = await desk.create(at, {});
    const evicted = await desk.evict(at, publicIdOf(second.answer.active[0]!), "shared", EVE);
    expect(evicted).toMatchObject({
      ended: { cause: "operator", note: "shared", by: { publicId: null, label: "eve" } },
    });
    const detail = { session: hash("ada"), note: "shared" };
    expect(entered).toEqual([[EVE, "token.evict", publicIdOf(second.answer.active[0]!), detail]]);
  });

  it("gives a create that is asked again the same token, and takes no second slot", async () => {
    const { desk } = open();

    const answers = [await desk.create(at, { idempotencyKey: "k" }), await desk.create(at, { idempotencyKey: "k" })];
    const other = await desk.create(at, { idempotencyKey: "l" });
    const late = await desk.create(at, { idempotencyKey: "k" });

    expect(answers.map(({ token }) => token)).toEqual(["ada-k", "ada-k"]);
    expect(answers[1]?.answer).toMatchObject({ answer: "issued", isRepeat: true, active: { length: 1 } });
    expect(other.answer).toMatchObject({ answer: "issued", evicted: { length: 1 } });
    expect(late).toMatchObject({ token: null, answer: { answer: "token ended" } });
  });

  it.each([
    ["device", { details: { device: "x".repeat(65) } }],
    ["label", { details: { label: "a\u0007b" } }],
    ["address", { details: { address: "\ud800" } }],
    ["idempotencyKey", { idempotencyKey: "" }],
    ["idempotencyKey", { idempotencyKey: "x".repeat(256) }],
  ])("refuses a bad %s", async (field, wanted) => {
    const { desk, store } = open();

    await expect(desk.create(at, wanted)).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field }] });
    expect(store.asked).toEqual([]);
  });

  it("takes an empty text for none, and no empty session", async () => {
    const { desk } = open();

    const { answer } = await desk.create(at, { details: { device: "" } });

    expect(answer).toMatchObject({ token: { details: { device: null } } });
    await expect(desk.list({ ...at, session: "" })).rejects.toMatchObject({ faults: [{ field: "session" }] });
  });
});
