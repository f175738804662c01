import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { etcdError, fateOf } from "../../src/etcd/fate.ts";

const withCode = (code: number, text: string) => Object.assign(new Error(text), { code });

describe("what became of a write that failed", () => {
  it.each([
    [
      new Error("14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED"),
      "not sent",
      "ETCD_UNREACHABLE",
    ],
    [new Error("14 UNAVAILABLE: Connection dropped"), "ambiguous", "ETCD_UNREACHABLE"],
    [new Error("4 DEADLINE_EXCEEDED: Deadline exceeded after 1.001s"), "ambiguous", "ETCD_UNREACHABLE"],
    [new Error("GRPCInternalError: 13 INTERNAL: Received RST_STREAM"), "ambiguous", "ETCD_UNREACHABLE"],
    [new Error("5 NOT_FOUND: etcdserver: requested lease not found"), "one to blame", "LEASE_LOST"],
    [new Error("3 INVALID_ARGUMENT: etcdserver: too many operations in txn request"), "one to blame", "INTERNAL"],
    [new Error("7 PERMISSION_DENIED: etcdserver: permission denied"), "one to blame", "ETCD_UNREACHABLE"],
    [new Error("8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded"), "no space", "OVERLOADED"],
    [new Error("8 RESOURCE_EXHAUSTED: etcdserver: too many requests"), "not applied", "OVERLOADED"],
    [new Error("16 UNAUTHENTICATED: etcdserver: invalid auth token"), "not applied", "ETCD_UNREACHABLE"],
    [new Error("8 RESOURCE_EXHAUSTED: Received message larger than max"), "ambiguous", "OVERLOADED"],
    [withCode(3, "a store in process, without the number in its text"), "one to blame", "INTERNAL"],
    [new Error("who knows"), "ambiguous", "ETCD_UNREACHABLE"],
  ])("of %s is: %s", (error, fate, code) => {
    expect(fateOf(error)).toBe(fate);
    expect(etcdError("test", error)).toMatchObject({ code, cause: error });
  });

  it.each(["14 UNAVAILABLE: No connection established", "4 DEADLINE_EXCEEDED: Deadline exceeded after 1.001s"])(
    "names where etcd was asked in the hint: %s",
    (text) => {
      const [one, two] = ["10.0.0.5:2379", "https://etcd-2:2379"];

      expect(etcdError("read", new Error(text), [one, two]).hint).toBe(
        "Check that etcd runs at 10.0.0.5:2379, https://etcd-2:2379, and ETCD_ENDPOINTS.",
      );
      expect(etcdError("read", new Error(text)).hint).toBeUndefined();
    },
  );

  it("leaves an error alone that a caller can act on already", () => {
    const error = new RigError("OVERLOADED", "full");

    expect(etcdError("test", error)).toBe(error);
  });
});
