import type { CallOptions, Interceptor } from "@grpc/grpc-js";
import type { Etcd3 } from "etcd3";
import type { Clock } from "../domain/clock.ts";
import type { Secret } from "../domain/secret.ts";
import { grpc } from "./driver.ts";
import { authIsOff, isRefusedUser, isStaleToken, NoToken } from "./fate.ts";

/** Who rig is to an etcd with users. */
export interface EtcdUser {
  readonly username: string;
  /** Asked for at each sign-in, since it may have been changed meanwhile. Never rejects. */
  readonly password: () => Promise<Secret>;
}

/** How calls to one member say whose they are. */
export interface CallAuth {
  /**
   * Makes a call with the options that bear the token; once more, with a new one, where etcd no longer takes it: of such
   * a call it has done nothing.
   * @throws NoToken where etcd gave none, or what the call throws
   */
  run<T>(call: (options: CallOptions) => Promise<T>): Promise<T>;
}

/** For an etcd without users. */
export const noAuth: CallAuth = { run: (call) => call({}) };

const SIGN_IN_MS = 1_000;
// A sign-in costs etcd a tenth of a second of CPU: one that it refused is not tried again for each call that comes.
const AGAIN_AFTER_MS = 1_000;
const WITHOUT = ""; // what stands for a token while etcd's Auth is off

/**
 * Calls in a user's name. A token ends with its time, with the member that gave it, and, being a JWT, with every change
 * of any user or role. etcd3's own sign-in knows the first two, and a member that was away it asks again only after up to
 * two minutes.
 */
export function userAuth(client: Etcd3, { username, password }: EtcdUser, clock: Clock): CallAuth {
  let token: string | null = null;
  let asking: Promise<string> | null = null;
  let refused = { at: Number.NEGATIVE_INFINITY, why: null as unknown };

  async function signIn(): Promise<string> {
    try {
      const request = { name: username, password: (await password()).open() };
      token = (await client.auth.authenticate(request, { deadline: Date.now() + SIGN_IN_MS })).token;
      return token;
    } catch (error) {
      if (authIsOff(error)) {
        token = WITHOUT; // once it is on, a call without a token is refused as a stale one is
        return token;
      }
      if (isRefusedUser(error)) refused = { at: clock.monotonic(), why: error };
      throw new NoToken(error);
    } finally {
      asking = null;
    }
  }

  async function current(): Promise<string> {
    if (token !== null) return token;
    if (clock.monotonic() - refused.at < AGAIN_AFTER_MS) throw new NoToken(refused.why);
    asking ??= signIn();
    return asking;
  }

  return {
    async run(call) {
      for (let isSecond = false; ; isSecond = true) {
        const used = await current();
        try {
          return await call(used === WITHOUT ? {} : { interceptors: [bearing(used)] });
        } catch (error) {
          if (!isStaleToken(error)) throw error;
          if (token === used) token = null;
          if (isSecond) throw error;
        }
      }
    },
  };
}

/** etcd3 repeats a call whose token is refused at once and endlessly, with the same token: those words must not reach it. */
const RENAMED = { from: "invalid auth token", to: "auth token is not known" };

const bearing =
  (token: string): Interceptor =>
  (options, next) =>
    new grpc.InterceptingCall(next(options), {
      start(metadata, _listener, go) {
        metadata.set("token", token);
        go(metadata, {
          onReceiveStatus: (status, hand) =>
            hand({ ...status, details: status.details.replace(RENAMED.from, RENAMED.to) }),
        });
      },
    });
