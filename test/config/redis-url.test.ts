import { describe, expect, it } from "vitest";
import { parseRedisUrl, redisUrlOf } from "../../src/config/redis-url.ts";

const ONE = { isCluster: false, isTls: false, user: null, password: null, database: 0 };

describe("a Redis URL", () => {
  it.each([
    ["redis://h", { ...ONE, nodes: [{ host: "h", port: 6379 }] }],
    ["redis://h:1/", { ...ONE, nodes: [{ host: "h", port: 1 }] }],
    ["redis://[::1]:1/2", { ...ONE, nodes: [{ host: "::1", port: 1 }], database: 2 }],
    ["rediss://h:1", { ...ONE, nodes: [{ host: "h", port: 1 }], isTls: true }],
    ["redis://h?cluster=true", { ...ONE, nodes: [{ host: "h", port: 6379 }], isCluster: true }],
    [
      "redis://a:1, redis://b:2",
      {
        ...ONE,
        isCluster: true,
        nodes: [
          { host: "a", port: 1 },
          { host: "b", port: 2 },
        ],
      },
    ],
  ])("%s names its place", (text, place) => {
    expect(parseRedisUrl(text)).toEqual(place);
    expect(parseRedisUrl(redisUrlOf({ ...place, user: "a:b" }))).toEqual({ ...place, user: "a:b" });
    expect(parseRedisUrl(redisUrlOf(place))).toEqual(place);
  });

  it.each([
    ["redis://:c%40nary@h", null, "c@nary"],
    ["redis://ada:c%nary@h", "ada", "c%nary"],
    ["redis://a%3Ab:c%2Fnary@h,redis://a%3Ab:c%2Fnary@i", "a:b", "c/nary"],
  ])("%s holds user and password", (text, user, password) => {
    const place = parseRedisUrl(text);

    expect([place?.user, place?.password?.open()]).toEqual([user, password]);
    expect(JSON.stringify(place)).not.toContain("nary");
  });

  it.each([
    "",
    "h:6379",
    "http://h",
    "redis://",
    "redis://h/x",
    "redis://h#x",
    "redis://h?tls=true",
    "redis://a,rediss://b",
    "redis://:x@a,redis://:y@b",
    "redis://a/1,redis://b/1",
    "redis://h/1?cluster=true",
    "redis://a,",
    "redis://a b",
  ])("%j is none", (text) => {
    expect(parseRedisUrl(text)).toBeNull();
  });
});
