import { afterEach, beforeEach, expect, it } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { HttpListener } from "../../src/runtime/http/listen.ts";
import { hashOfToken } from "../../src/server/operator-tokens.ts";
import { openStreamService } from "../../src/server/tokens-role.ts";
import { promptViewers } from "../../src/services/prompt-viewers.ts";
import { memoryViewers } from "../support/memory-viewers.ts";
import { silentLog } from "../support/silent-log.ts";
import { testViewers } from "./test-viewers.ts";

const PATIENCE_MS = 50; // instead of 1,900

/** The stream service over a store that grants, and tells so only when it is let go. */
let listener: HttpListener;
let letGo: () => void;

beforeEach(async () => {
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const memory = memoryViewers(systemClock);
  const apply: typeof memory.apply = async (...asked) => {
    const answer = await memory.apply(...asked);
    await released;
    return answer;
  };
  const viewers = testViewers(promptViewers({ apply }, systemClock, PATIENCE_MS));
  const place = { host: "127.0.0.1", port: 0, tls: null, isTrusted: () => true };
  listener = await openStreamService(viewers, place, {
    operatorTokens: [{ name: "operator", sha256: hashOfToken(new Secret("operator-of-the-test")) }],
    ...{ probes: [], clock: systemClock, log: silentLog, newRequestId: () => "REQ1" },
  });
});
afterEach(async () => {
  letGo();
  await listener.close(0);
});

it("answers 500 code 0 on /streams where its store says nothing, and lives on", async () => {
  const ask = () => fetch(`${listener.url}/streams`, { headers: { "X-Stream-Session": "ada" } });
  const late = await Promise.all([ask(), ask()]);
  const said = await Promise.all(late.map((answer) => answer.text()));
  letGo();

  expect(late.map(({ status }) => status)).toEqual([500, 500]);
  expect(said).toEqual(Array(2).fill('{"errors":[{"code":0,"message":"An unexpected error occurred."}]}'));
  expect((await ask()).status).toBe(200);
});

it("answers 503 with Retry-After on /v1/tokens", async () => {
  const late = await fetch(`${listener.url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: "Bearer operator-of-the-test", "content-type": "application/json" },
    body: JSON.stringify({ session: "ada" }),
  });

  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await late.json()).toMatchObject({ code: "OVERLOADED", payload: [] });
});
