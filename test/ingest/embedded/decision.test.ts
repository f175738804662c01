import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/domain/secret.ts";
import { decidePublish } from "../../../src/ingest/embedded/decision.ts";
import type { PublishDecision, PublishRequest } from "../../../src/services/ingest.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { recordingHandlers } from "../recording-handlers.ts";

const request: PublishRequest = {
  ingestInstance: "boot",
  clientId: "1",
  app: "live",
  streamKey: new Secret("key"),
  clientAddress: "127.0.0.1",
};
const yes: PublishDecision = { accepted: true, localName: "local" };

/** A decision that stays open until the test answers it. */
function openDecision() {
  const handlers = recordingHandlers();
  const clock = fakeClock();
  const left = new AbortController();
  let answer: (decision: PublishDecision) => void = () => {};
  handlers.answer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const decided = decidePublish(request, { handlers, clock, limitMs: 5_000 }, left.signal);
  return { handlers, clock, left, decided, answer: (decision: PublishDecision) => answer(decision) };
}

describe("a publish decision", () => {
  it("is what the handlers say, and leaves no timer behind", async () => {
    const { clock, decided, answer, handlers } = openDecision();

    answer(yes);

    expect(await decided).toEqual(yes);
    await clock.advance(6_000);
    expect(clock.sleepers()).toBe(0);
    expect(handlers.requests[0]?.signal.aborted).toBe(false);
    expect(handlers.ends).toEqual([]);
  });

  it("is no when the handlers take too long, and a yes after that is told as ended", async () => {
    const { clock, decided, answer, handlers } = openDecision();

    await clock.advance(5_000);
    const decision = await decided;
    answer(yes);
    await clock.advance(0);

    expect(decision).toMatchObject({ accepted: false, code: "OVERLOADED" });
    expect(handlers.requests[0]?.signal.aborted).toBe(true);
    expect(handlers.ends).toEqual([{ publisher: { ingestInstance: "boot", clientId: "1" }, reason: "disconnected" }]);
  });

  it("is no when the publisher left, before or while it was made", async () => {
    const { left, decided, handlers } = openDecision();

    left.abort();
    const before = decidePublish(request, { handlers, clock: fakeClock(), limitMs: 5_000 }, left.signal);

    expect(await decided).toMatchObject({ accepted: false });
    expect(await before).toMatchObject({ accepted: false });
    expect(handlers.requests.every(({ signal }) => signal.aborted)).toBe(true);
  });
});
