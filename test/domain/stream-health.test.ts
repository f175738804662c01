import { describe, expect, it } from "vitest";
import type { RelayState } from "../../src/domain/relay.ts";
import { publishHealth, relayHealth } from "../../src/domain/stream-health.ts";
import { relay } from "../support/screen/many-streams.ts";

describe("the health of a relay", () => {
  it.each<[RelayState, number | null, number, string]>([
    ["pushing", 1, 1000, "live"],
    ["pushing", null, 1000, "live"],
    ["pushing", 0.97, 1000, "live"],
    ["pushing", 0.96, 1000, "slow"],
    ["pushing", 1, 0, "slow"],
    ["starting", null, 0, "slow"],
    ["waiting", null, 0, "down"],
    ["rejected", null, 0, "down"],
    ["stopped", 1, 1000, "down"],
  ])("that is %s at speed %s and %d bit/s is %s", (state, speed, bps, health) => {
    expect(relayHealth({ state, speed, bps })).toBe(health);
  });
});

describe("the health of a publish", () => {
  const live = relay("a", {});
  const slow = relay("b", { speed: 0.5 });
  const down = relay("c", { state: "waiting" });

  it.each([
    ["no media comes in", 0, [live], "down"],
    ["no relay pushes", 1, [down, down], "down"],
    ["one of two relays is down", 1, [live, down], "slow"],
    ["one relay is slow", 1, [live, slow], "slow"],
    ["one is slow and one down", 1, [slow, down], "slow"],
    ["all relays are live", 1, [live, live], "live"],
    ["it has no relays", 1, [], "live"],
  ])("where %s", (_name, ingestBps, relays, health) => {
    expect(publishHealth({ ingestBps, relays })).toBe(health);
  });
});
