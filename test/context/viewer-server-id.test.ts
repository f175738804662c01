import { hostname } from "node:os";
import { expect, it } from "vitest";
import { viewerServerId } from "../../src/context/viewer-server-id.ts";
import { etcdKeys } from "../../src/etcd/keys.ts";
import { systemIds } from "../../src/runtime/ids.ts";

it("names host and process, and is never the same twice", () => {
  expect(viewerServerId("01M82F0000000000007K2QXM", "vm", 4711)).toBe("vm:4711:7K2QXM");
  expect(viewerServerId(systemIds.ulid())).toContain(`:${process.pid}:`);
  expect(viewerServerId(systemIds.ulid())).not.toBe(viewerServerId(systemIds.ulid()));
});

it.each([hostname(), "a/b c\u0007", ""])("can stand in a key, whatever the host is called: %j", (host) => {
  expect(() => etcdKeys().viewerServer(viewerServerId("01M82F0000000000007K2QXM", host, 1))).not.toThrow();
});
