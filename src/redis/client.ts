import { redisAddresses } from "../config/redis-addresses.ts";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { systemClock } from "../runtime/clock.ts";
import { type Connection, connect, type RedisAddress } from "./connection.ts";
import { failureOf, hintFor, isUnknownScript } from "./failure.ts";
import { fewWrites } from "./few-writes.ts";
import { type RedisKeys, redisKeys } from "./keys.ts";
import type { Script } from "./viewer-script.ts";
import { WaitingCalls } from "./waiting.ts";
import { watchConnection } from "./watch-connection.ts";

/** Of a call that is on its way. */
export interface Fate {
  /** True where it may have been done by now. */
  isDoubtful: boolean;
}

/** All that rig does with Redis; every call answers within 2 s. Close it last. */
export interface RedisClient {
  readonly keys: RedisKeys;
  /** All who wait for Redis, whether their call is on its way or not. */
  readonly waiting: WaitingCalls;
  /**
   * Runs a script on one key. Where the connection is lost before the answer came it is sent again, so it must bear to be
   * done twice.
   * @throws RigError OVERLOADED, REDIS_UNREACHABLE (not done), REDIS_AMBIGUOUS (nobody knows), INTERNAL
   */
  run(what: string, script: Script, key: string, args: readonly string[], fate?: Fate): Promise<unknown>;
  /** What only reads. @throws RigError OVERLOADED, REDIS_UNREACHABLE, INTERNAL */
  read<T>(what: string, ask: (connection: Connection) => Promise<T>): Promise<T>;
  /** Refuses what waits; resolves when the connection has ended. */
  close(): Promise<void>;
}

/** How to reach Redis, and where rig's keys stand there. */
interface RedisClientOptions extends RedisAddress {
  readonly log: Log;
  /** `rig:v1:` unless a test asks for its own. */
  readonly prefix?: string;
  readonly clock?: Clock;
}

interface Call {
  readonly what: string;
  /** The key that it is about; null for none. */
  readonly at: string | null;
  /** What is said of it where its fate is not known. */
  readonly doubt: "REDIS_AMBIGUOUS" | "REDIS_UNREACHABLE";
  readonly fate: Fate;
  isOver: boolean;
}

const AWAY_MS = 1_800; // so long without a connection, and nobody waits for it any more
const PAUSE_MS = 50;
const CLOSE_MS = 500;

/** Connects at once, but need not succeed: who asks meanwhile is told. */
export function redisClient({ log, prefix, clock = systemClock, ...address }: RedisClientOptions): RedisClient {
  const connection = connect(address);
  const addresses = redisAddresses(address);
  const failed = (call: Call, reason: string) => failureAt(addresses, call, reason);
  const state = watchConnection(connection, { clock, log });
  const waiting = new WaitingCalls(clock);
  const gather = fewWrites(connection);
  let pausing: Promise<void> | null = null;

  /** One timer for all who try again. */
  function pause(): Promise<void> {
    pausing ??= clock.sleep(PAUSE_MS, waiting.closed).then(() => {
      pausing = null;
    });
    return pausing;
  }

  /** Tries until it is answered, cannot be, or its time is over. */
  async function tries<T>(call: Call, ask: (connection: Connection) => Promise<T>): Promise<T> {
    for (;;) {
      const wasDoubtful = call.fate.isDoubtful;
      try {
        call.fate.isDoubtful = true;
        gather();
        return await ask(connection);
      } catch (error) {
        const { reason, kind, isDoubtful } = failureOf(error);
        call.fate.isDoubtful = wasDoubtful || isDoubtful;
        if (kind === "wrong") throw new RigError("INTERNAL", `redis: ${call.at ?? call.what}: ${reason}`);
        if (call.isOver || kind === "lasting" || state.awayForMs() > AWAY_MS)
          throw failed(call, state.whyAway() ?? reason);
      }
      await pause();
    }
  }

  function ask<T>(
    { what, at, doubt, fate }: Omit<Call, "isOver">,
    question: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: Call = { what, at, doubt, fate, isOver: false };
      const clear = waiting.add(() => {
        call.isOver = true;
        reject(failed(call, state.whyAway() ?? "no answer in time"));
      });
      tries(call, question).finally(clear).then(resolve, reject);
    });
  }

  return {
    ...{ keys: redisKeys(prefix), waiting },
    run: (what, { lua, sha1 }, key, args, fate = { isDoubtful: false }) =>
      ask({ what, at: key, doubt: "REDIS_AMBIGUOUS", fate }, (redis) =>
        redis.evalsha(sha1, 1, key, ...args).catch((error: unknown) => {
          if (!isUnknownScript(error)) throw error;
          return redis.eval(lua, 1, key, ...args);
        }),
      ),
    read: (what, question) =>
      ask({ what, at: null, doubt: "REDIS_UNREACHABLE", fate: { isDoubtful: false } }, question),
    async close() {
      state.closing();
      await waiting.close();
      const ended = new AbortController();
      connection.once("end", () => ended.abort());
      connection.disconnect();
      await clock.sleep(CLOSE_MS, ended.signal); // one that was about to connect again tells no end
    },
  };
}

function failureAt(addresses: string, { what, doubt, fate: { isDoubtful } }: Call, reason: string): RigError {
  const code = isDoubtful ? doubt : "REDIS_UNREACHABLE";
  const rest = code === "REDIS_AMBIGUOUS" ? ", it may have been done or not" : "";
  return new RigError(code, `redis: ${what}: ${reason}${rest}`, { hint: hintFor(reason, addresses) });
}
