import type { CallOptions } from "@grpc/grpc-js";
import type { Etcd3 } from "etcd3";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { userAuth } from "../../src/etcd/call-auth.ts";
import { etcdError, fateOf } from "../../src/etcd/fate.ts";
import { fakeClock } from "../support/fake-clock.ts";

const STALE = [
  "16 UNAUTHENTICATED: etcdserver: invalid auth token",
  "3 INVALID_ARGUMENT: etcdserver: revision of auth store is old",
  "2 UNKNOWN: auth: revision in header is old",
  "3 INVALID_ARGUMENT: etcdserver: user name is empty",
];
const WRONG_PASSWORD = "3 INVALID_ARGUMENT: etcdserver: authentication failed, invalid user ID or password";

/** An etcd whose user has this password, or that refuses every sign-in with an error. */
function etcdWith({ password = "pw", error = "" } = {}) {
  const clock = fakeClock();
  const etcd = { password, error, signIns: [] as string[] };
  const authenticate = async (request: { password: string }) => {
    etcd.signIns.push(request.password);
    if (etcd.error) throw new Error(etcd.error);
    if (request.password !== etcd.password) throw new Error(WRONG_PASSWORD);
    return { token: `token ${etcd.signIns.length}` };
  };
  const file = { password: "pw" };
  const user = { username: "edge-1", password: async () => new Secret(file.password) };
  const client = { auth: { authenticate } } as unknown as Etcd3;
  return { clock, etcd, file, auth: userAuth(client, user, clock) };
}

/** A call that etcd refuses so for as many times, before it answers. */
function refusedCall(refusal: string, times: number) {
  let left = times;
  return async (options: CallOptions) => {
    if (left-- > 0) throw new Error(refusal);
    return options;
  };
}

const refusalOf = (call: Promise<unknown>) => call.then(String, (error: unknown) => error);

describe("calls in a user's name", () => {
  it("share one sign-in", async () => {
    const { auth, etcd } = etcdWith();

    const made = await Promise.all([1, 2, 3].map(() => auth.run(async (options) => options)));
    const later = await auth.run(async (options) => options);

    expect(etcd.signIns).toHaveLength(1);
    for (const { interceptors } of [...made, later]) expect(interceptors).toHaveLength(1);
  });

  it.each(STALE)("are made once more with a new token after: %s", async (refusal) => {
    const { auth, etcd } = etcdWith();

    const made = await Promise.all([1, 2, 3].map(() => auth.run(refusedCall(refusal, 1))));

    expect(made).toHaveLength(3);
    expect(etcd.signIns).toHaveLength(2);
  });

  it("fail where even the new token is refused, and say that nothing was applied", async () => {
    const { auth, etcd } = etcdWith();

    const error = await refusalOf(auth.run(refusedCall(STALE[1] as string, 2)));

    expect(fateOf(error)).toBe("not applied");
    expect(etcdError("test", error)).toMatchObject({
      code: "ETCD_UNREACHABLE",
      message: "etcd: test: etcd refuses this user",
    });
    expect(etcd.signIns).toHaveLength(2);
  });

  it("are not repeated for what was no refusal of the token", async () => {
    const { auth } = etcdWith();

    await expect(auth.run(refusedCall("7 PERMISSION_DENIED: etcdserver: permission denied", 1))).rejects.toThrow(
      "permission denied",
    );
  });

  it("take the password as it is at the time", async () => {
    const { auth, etcd, file } = etcdWith();
    await auth.run(async () => {});
    etcd.password = file.password = "rotated";

    await auth.run(refusedCall(STALE[0] as string, 1));

    expect(etcd.signIns).toEqual(["pw", "rotated"]);
  });

  it("do not try a refused password for a second, and then do", async () => {
    const { auth, etcd, clock } = etcdWith({ password: "another" });

    const errors = [];
    for (let i = 0; i < 5; i++) errors.push(await refusalOf(auth.run(async () => {})));
    expect(etcd.signIns).toHaveLength(1);
    etcd.password = "pw";
    await clock.advance(1_000);
    await auth.run(async () => {});

    expect(etcd.signIns).toHaveLength(2);
    for (const error of errors) {
      expect(fateOf(error)).toBe("not applied");
      expect(etcdError("test", error).hint).toContain("ETCD_PASSWORD_FILE");
    }
  });

  it("were never sent where the member cannot be asked for a token, and ask it again at once", async () => {
    const { auth, etcd } = etcdWith({ error: "4 DEADLINE_EXCEEDED: Deadline exceeded after 1s" });

    const error = await refusalOf(auth.run(async () => {}));
    etcd.error = "";
    await auth.run(async () => {});

    expect(fateOf(error)).toBe("not sent");
    expect(etcd.signIns).toHaveLength(2);
  });

  it("bear no token while etcd's Auth is off, and one as soon as it is on", async () => {
    const { auth, etcd } = etcdWith({ error: "9 FAILED_PRECONDITION: etcdserver: authentication is not enabled" });

    const without = [await auth.run(async (options) => options), await auth.run(async (options) => options)];
    expect(etcd.signIns).toHaveLength(1);
    etcd.error = "";
    const made = await auth.run(refusedCall(STALE[3] as string, 1));

    expect(without).toEqual([{}, {}]);
    expect(made.interceptors).toHaveLength(1);
  });
});
