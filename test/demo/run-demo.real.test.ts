import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runDemo } from "../../src/demo/run-demo.ts";
import { packageFile } from "../../src/runtime/package-file.ts";
import { type StandInFaults, standInPlatform } from "./stand-in-platform.ts";

const clip = readFileSync(packageFile("assets/demo.flv"));

/** Runs the demo on a stand-in for the platform. */
async function demo(faults: StandInFaults, { seconds = 7, signal = new AbortController().signal } = {}) {
  const platform = await standInPlatform(faults);
  const outcome = await runDemo(platform.ports, { clip, seconds, signal }).then(
    (result) => ({ result, error: null }),
    (error: unknown) => ({ result: null, error }),
  );
  await platform.close();
  return { ...outcome, kept: platform.kept };
}

describe.concurrent("the demo", () => {
  it("passes on a platform that relays as it should, and leaves nothing behind", async () => {
    const { result, error, kept } = await demo({});

    expect(error).toBeNull();
    expect(result?.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(result?.checks).toHaveLength(5);
    expect(result?.numbers.sentKbps).toBeGreaterThan(1000);
    expect(result?.numbers.silent.reasons).toContain("stalled");
    expect([...kept.users, ...kept.streams]).toEqual([]);
  });

  it("fails by name when one packet is lost on the way to the healthy destination", async () => {
    const { result } = await demo({ losesPacket: 200 });

    expect(result?.checks.flatMap(({ name, ok }) => (ok ? [] : [name]))).toEqual(["healthy: every packet, in order"]);
  });

  it("says that the publish was refused, and leaves nothing behind", async () => {
    const { error, kept } = await demo({ refuses: true });

    expect(error).toMatchObject({ code: "CHECK_FAILED" });
    expect(String(error)).toContain("refused the publish");
    expect([...kept.users, ...kept.streams]).toEqual([]);
  });

  it("says at once that a platform which pushes to no loopback address cannot show it", async () => {
    const { error, kept } = await demo({ barsLoopback: true }, { seconds: 3600 });

    expect(error).toMatchObject({ code: "CHECK_FAILED", hint: expect.stringContaining("ALLOW_PRIVATE_DESTINATIONS") });
    expect([...kept.users, ...kept.streams]).toEqual([]);
  });

  it("ends early when it is told to, and leaves nothing behind", async () => {
    const { error, kept } = await demo({}, { signal: AbortSignal.timeout(500) });

    expect(error).toMatchObject({ code: "CHECK_FAILED" });
    expect([...kept.users, ...kept.streams]).toEqual([]);
  });
});
