import { describe, expect, it } from "vitest";
import { findingsOf } from "../../src/redis/findings.ts";

const FIT = { maxmemory: "1048576", maxmemory_policy: "noeviction", aof_enabled: "1", role: "master" };
/** As Redis writes it: lines with CR, headings, and values with colons. */
const infoOf = (facts: object) =>
  ["# Memory", ...Object.entries(facts).map(([name, value]) => `${name}:${value}`), "slave0:ip=::1,port=1", ""].join(
    "\r\n",
  );

describe("what is wrong with how a Redis is set up", () => {
  it.each<[string, object, readonly RegExp[]]>([
    ["nothing", {}, []],
    ["a policy that evicts", { maxmemory_policy: "allkeys-lru" }, [/^maxmemory-policy allkeys-lru may evict/]],
    [
      "one that evicts what expires",
      { maxmemory_policy: "volatile-ttl" },
      [/^maxmemory-policy volatile-ttl may evict/],
    ],
    ["nothing, where no memory limit makes it evict", { maxmemory_policy: "allkeys-lru", maxmemory: "0" }, []],
    ["no append-only file", { aof_enabled: "0" }, [/^appendonly is off: a restart forgets/]],
    ["a replica", { role: "slave" }, [/^it is a replica, which takes no writes$/]],
    [
      "all of it at once",
      { maxmemory_policy: "allkeys-random", aof_enabled: "0", role: "slave" },
      [/^maxmemory-policy/, /^appendonly/, /^it is a replica/],
    ],
  ])("is %s", (_what, facts, words) => {
    const findings = findingsOf(infoOf({ ...FIT, ...facts }));

    expect(findings).toHaveLength(words.length);
    for (const [n, word] of words.entries()) expect(findings[n]).toMatch(word);
  });

  it("is not told by an INFO that says nothing of it", () => {
    expect(findingsOf("")).toEqual([]);
  });
});
