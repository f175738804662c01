import { describe, expect, it } from "vitest";
import { RigError } from "../../../src/domain/errors.ts";
import { healthAnswer, type Probe } from "../../../src/runtime/http/health.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const well: Probe = { name: "postgresql", check: async () => {} };

describe("healthAnswer", () => {
  it("beats with the instant in ms", async () => {
    expect(await healthAnswer("/heartbeat", { clock: fakeClock(1234), probes: [] })).toEqual({
      status: 200,
      body: { timestamp: 1234 },
    });
  });

  it("lives without asking anybody", async () => {
    const probes = [{ name: "etcd", check: () => Promise.reject(new Error("away")) }];

    expect(await healthAnswer("/livez", { clock: fakeClock(), probes })).toEqual({ status: 200, body: { live: true } });
  });

  it("is ready when all neighbours work, and lists each", async () => {
    expect(await healthAnswer("/readyz", { clock: fakeClock(), probes: [well] })).toEqual({
      status: 200,
      body: { ready: true, checks: [{ name: "postgresql", ok: true, durationMs: 0, reason: null }] },
    });
  });

  it.each<[string, Probe["check"], string]>([
    [
      "fails with a code",
      () => Promise.reject(new RigError("ETCD_UNREACHABLE", "etcd://user:pw@host")),
      "ETCD_UNREACHABLE",
    ],
    ["fails otherwise", () => Promise.reject(new Error("password=hunter2")), "failed"],
    [
      "throws at once",
      () => {
        throw new Error("password=hunter2");
      },
      "failed",
    ],
  ])("is not ready when one %s, and repeats none of its words", async (_how, check, reason) => {
    const answer = await healthAnswer("/readyz", { clock: fakeClock(), probes: [well, { name: "etcd", check }] });

    expect(answer).toMatchObject({
      status: 503,
      body: { ready: false, checks: [{ ok: true }, { ok: false, reason }] },
    });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|user:pw/);
  });

  it("waits 2 s for a neighbour that hangs, tells it to stop, and gives the others' results", async () => {
    const clock = fakeClock();
    let told: AbortSignal | undefined;
    const hangs: Probe = {
      name: "etcd",
      check: (signal) => {
        told = signal;
        return new Promise(() => {});
      },
    };

    const asked = healthAnswer("/readyz", { clock, probes: [hangs, well] });
    await clock.advance(1_999);
    expect(told?.aborted).toBe(false);
    await clock.advance(1);

    expect(await asked).toMatchObject({
      status: 503,
      body: { checks: [{ name: "etcd", reason: "timeout", durationMs: 2_000 }, { ok: true }] },
    });
    expect(told?.aborted).toBe(true);
    expect(clock.sleepers()).toBe(0);
  });

  it("leaves other paths to others", async () => {
    expect(await healthAnswer("/readyz/", { clock: fakeClock(), probes: [] })).toBeNull();
  });
});
