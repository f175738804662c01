import { describe, expect, it } from "vitest";
import { etcdKeys } from "../../src/etcd/keys.ts";

describe("keys", () => {
  const keys = etcdKeys();

  it.each([
    [keys.alive("edge-1:01J"), "/rig/v1/alive/edge-1:01J"],
    [keys.agent("edge-1"), "/rig/v1/agents/edge-1"],
    [keys.livePage("edge-1", 0), "/rig/v1/live/edge-1/0"],
    [keys.livePages("edge-1"), "/rig/v1/live/edge-1/"],
    [keys.publish("s1"), "/rig/v1/publishes/s1"],
    [keys.wanted("edge-1", "p1"), "/rig/v1/wanted/edge-1/p1"],
    [keys.wantedOf("edge-1"), "/rig/v1/wanted/edge-1/"],
    [keys.drop("edge-1", "p1"), "/rig/v1/drops/edge-1/p1"],
    [keys.leader("sweep"), "/rig/v1/leaders/sweep"],
    [keys.live, "/rig/v1/live/"],
  ])("are spelt %s", (key, spelt) => {
    expect(key).toBe(spelt);
  });

  it.each(["", "a/b", "../x", "a\nb", "half \ud800", "a".repeat(201)])(
    "refuse the segment %j, which would reach elsewhere",
    (id) => {
      expect(() => keys.publish(id)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
    },
  );

  it("give back their segments", () => {
    expect(keys.segments(keys.drop("edge-1", "p1"), keys.allDrops)).toEqual(["edge-1", "p1"]);
  });

  it("refuse a prefix that is no folder", () => {
    expect(() => etcdKeys("rig")).toThrow("etcdPrefix");
  });
});
