import { afterEach, beforeEach, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { Log } from "../../src/domain/log.ts";
import { Secret } from "../../src/domain/secret.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { HttpListener } from "../../src/runtime/http/listen.ts";
import { hashOfToken } from "../../src/server/operator-tokens.ts";
import { openStreamService } from "../../src/server/tokens-role.ts";
import { FailureLog } from "../../src/services/failure-log.ts";
import { loggedViewers } from "../../src/services/logged-viewers.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { type MemoryViewers, memoryViewers } from "../support/memory-viewers.ts";
import { silentLog } from "../support/silent-log.ts";
import { testViewers } from "./test-viewers.ts";

const AWAY = new RigError("REDIS_UNREACHABLE", "redis: change a viewer session: ECONNREFUSED", { hint: "Start it." });

/** The stream service over a store that fails as a test says, and all that is logged but for `debug`. */
let listener: HttpListener;
let failure: Error | null;
let clock: FakeClock;
let lines: [message: string, fields: object][];

beforeEach(async () => {
  [failure, clock, lines] = [AWAY, fakeClock(), []];
  const say = (fields: object, message: string) => void lines.push([message, fields]);
  const log: Log = { ...silentLog, info: say, warn: say, error: say };
  const memory = memoryViewers(clock);
  const apply: MemoryViewers["apply"] = (...asked) => (failure ? Promise.reject(failure) : memory.apply(...asked));
  const failures = new FailureLog({ what: "viewer tokens", clock, log });
  const place = { host: "127.0.0.1", port: 0, tls: null, isTrusted: () => true };
  listener = await openStreamService(testViewers(loggedViewers({ apply }, failures)), place, {
    operatorTokens: [{ name: "operator", sha256: hashOfToken(new Secret("operator-of-the-test")) }],
    ...{ probes: [], clock: systemClock, log, newRequestId: () => "REQ1" },
  });
});
afterEach(() => listener.close(0));

const streams = async (session = "ada") =>
  (await fetch(`${listener.url}/streams`, { headers: { "x-stream-session": session } })).status;
const create = async () =>
  (
    await fetch(`${listener.url}/v1/tokens`, {
      method: "POST",
      headers: { authorization: "Bearer operator-of-the-test", "content-type": "application/json" },
      body: JSON.stringify({ session: "bob" }),
    })
  ).status;

it("is one line while its store is away, whatever asks, and one when it works again", async () => {
  const statuses = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? streams() : create())));
  const first = lines.splice(0);
  await clock.advance(10_000);
  await streams();
  const later = lines.splice(0);
  failure = null;
  await clock.advance(3_000);
  await Promise.all([streams(), create()]);

  expect([...new Set(statuses)].sort()).toEqual([500, 503]);
  const why = { reason: AWAY.message, hint: "Start it." };
  expect(first).toEqual([["viewer tokens fail", { failed: { REDIS_UNREACHABLE: 1 }, ...why }]]);
  expect(later).toEqual([["viewer tokens fail", { failed: { REDIS_UNREACHABLE: 40 }, ...why }]]);
  expect(lines).toEqual([["viewer tokens work again", { failed: {}, failedForMs: 10_000 }]]);
});

it("shows what nobody expected whole", async () => {
  failure = new RigError("INTERNAL", "redis: a value of another hand");

  await streams();

  expect(lines).toEqual([["viewer tokens fail", { failed: { INTERNAL: 1 }, err: failure }]]);
});
