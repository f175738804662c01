import { createHash, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { type HttpListener, listen } from "../../src/runtime/http/listen.ts";
import { streamService } from "../../src/server/stream-service.ts";
import { viewerTokens } from "../../src/services/viewer-tokens.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { type MemoryViewers, memoryViewers } from "../support/memory-viewers.ts";
import { openRaw } from "../support/raw-http.ts";
import { silentLog } from "../support/silent-log.ts";

let store: MemoryViewers;
let clock: FakeClock;
let broken: boolean;
let listener: HttpListener;

beforeEach(async () => {
  clock = fakeClock();
  store = memoryViewers(clock);
  broken = false;
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const apply: MemoryViewers["apply"] = (...asked) =>
    broken ? Promise.reject(new Error("the store is away")) : store.apply(...asked);
  const viewers = viewerTokens({ store: { apply }, hash, newToken: randomUUID, limit: 3, expirySeconds: 30 });
  const handler = streamService(viewers, silentLog);
  listener = await listen({ host: "127.0.0.1", port: 0, handler, clock: systemClock, log: silentLog });
});
afterEach(() => listener.close(0));

const ask = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
  const answer = await fetch(`${listener.url}${path}`, { method, headers });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
};
const open = (session: string, token?: string) =>
  ask("/streams", { "X-Stream-Session": session, ...(token === undefined ? {} : { "X-Stream-Token": token }) });
const tokenOf = ({ text }: { text: string }) => (JSON.parse(text) as { token: string }).token;

describe("the stream service", () => {
  it("says OK", async () => {
    const answer = await ask("/");

    expect([answer.status, answer.text]).toEqual([200, "OK"]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  it("asks for a session, and takes an empty one for none", async () => {
    const expected = '{"errors":[{"code":1,"message":"No user session provided"}]}';

    for (const answer of [await ask("/streams"), await open(""), await open("  "), await open("", "token")])
      expect([answer.status, answer.text]).toEqual([401, expected]);
  });

  it("issues tokens up to the limit, then refuses", async () => {
    const answers = [await open("ada"), await open("ada"), await open("ada")];

    for (const { status, text, headers } of answers) {
      expect(status).toBe(200);
      expect(text).toMatch(
        /^{"session":"ada","token":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"}$/,
      );
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    }
    expect(new Set(answers.map(tokenOf)).size).toBe(3);
    const refused = await open("ada");
    expect([refused.status, refused.text]).toEqual([
      401,
      '{"errors":[{"code":2,"message":"Exceeded number of allowed sessions"}]}',
    ]);
    expect(refused.headers.get("cache-control")).toBe("no-store");
  });

  it("renews a live token, at the limit too, and gives the same one back", async () => {
    const tokens = [tokenOf(await open("ada")), tokenOf(await open("ada")), tokenOf(await open("ada"))];

    await clock.advance(29_000);
    const renewed = await open("ada", tokens[1]);
    await clock.advance(29_000);
    const again = await open("ada", tokens[1]);

    expect([renewed.status, renewed.text]).toEqual([200, `{"session":"ada","token":"${tokens[1]}"}`]);
    expect(again.status).toBe(200);
    expect((await open("ada", tokens[0])).status).toBe(401);
  });

  it("refuses an unknown, a foreign and an expired token alike", async () => {
    const mine = tokenOf(await open("ada"));
    const foreign = tokenOf(await open("bob"));
    const early = [await open("ada", "unknown"), await open("ada", foreign)];
    await clock.advance(30_000);
    const late = await open("ada", mine);

    for (const { status, text } of [...early, late])
      expect([status, text]).toEqual([401, '{"errors":[{"code":3,"message":"Token expired"}]}']);
  });

  it("grants exactly the limit to 40 requests at once", async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => open("ada")));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  });

  it("answers 500 without detail when its store fails", async () => {
    broken = true;

    const { status, text } = await open("ada");

    expect([status, text]).toEqual([500, '{"errors":[{"code":0,"message":"An unexpected error occurred."}]}']);
  });

  it.each([
    ["/", "POST"],
    ["/", "HEAD"],
    ["/streams", "POST"],
    ["/streams", "DELETE"],
    ["/streams", "OPTIONS"],
  ])("does not take %s by %s", async (path, method) => {
    const answer = await ask(path, { "X-Stream-Session": "ada" }, method);

    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(store.asked).toEqual([]);
  });

  it("knows no other paths", async () => {
    expect((await ask("/streams/")).status).toBe(404);
    expect((await ask("/v1/users")).status).toBe(404);
  });

  it.each(["http://viewers.example/streams", "HTTP://127.0.0.1:3000/streams?x=1", "/streams?a=b?c=/", "/streams?"])(
    "takes %s for its path",
    async (target) => {
      const client = await openRaw(listener.port);

      client.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nX-Stream-Session: a\r\nConnection: close\r\n\r\n`);

      expect(await client.closed).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*{"session":"a","token":"[0-9a-f-]{36}"}$/);
    },
  );

  it.each([
    ["wildcards and brackets", "*:[a-z]?"],
    ["4 KiB", "s".repeat(4_096)],
    ["quotes and backslashes", 'a"b\\c'],
    ["Latin-1", "M\u00fcller\u00df"],
    ["UTF-8, byte for byte", Buffer.from("\u043a\u043b\u044e\u0447 \u{1f3ac}").toString("latin1")],
    ["bytes that are no UTF-8", "\u0080\u00ff\u00a0"],
    ["what every object has", "__proto__"],
    ["JSON", '{"session":"b"}'],
  ])("takes a session of %s for a name and nothing else", async (_what, session) => {
    const client = await openRaw(listener.port);

    client.write(`GET /streams HTTP/1.1\r\nHost: x\r\nX-Stream-Session: ${session}\r\nConnection: close\r\n\r\n`);
    const [head = "", body = ""] = (await client.closed).split("\r\n\r\n");
    const said = JSON.parse(Buffer.from(body, "latin1").toString());

    expect(head).toContain(`Content-Length: ${body.length}`);
    expect([head.slice(0, 12), Object.keys(said), said.session]).toEqual([
      "HTTP/1.1 200",
      ["session", "token"],
      session,
    ]);
  });

  it.each(["not-a-uuid", "*", "0", "null", "x".repeat(3_000), '"', "\u00ff"])(
    "calls the token %j expired",
    async (token) => {
      const { status, text } = await open("ada", token);

      expect([status, text]).toEqual([401, '{"errors":[{"code":3,"message":"Token expired"}]}']);
    },
  );

  it("keeps a connection through refusals, and answers what is sent at once in order", async () => {
    const client = await openRaw(listener.port);
    const ask = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

    client.write(`${ask("/streams")}${ask("/nowhere")}${ask("/")}${ask("/", "Connection: close\r\n")}`);
    const answers = (await client.closed).match(/HTTP\/1\.1 \d+/g);

    expect(answers).toEqual(["HTTP/1.1 401", "HTTP/1.1 404", "HTTP/1.1 200", "HTTP/1.1 200"]);
  });

  it.each([
    ["431", `X-Stream-Session: ${"s".repeat(9_000)}\r\n`],
    ["400", "X-Stream-Session: a\0b\r\n"],
    ["400", "X-Stream-Session : a\r\n"],
  ])("answers %s to headers that are none, and serves on", async (status, headers) => {
    const client = await openRaw(listener.port);

    client.write(`GET /streams HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);

    expect((await client.closed).slice(9, 12)).toBe(status);
    expect((await ask("/")).status).toBe(200);
  });

  it("lets no session or token put a header of its own into the answer", async () => {
    const client = await openRaw(listener.port);

    client.write(
      "GET /streams HTTP/1.1\r\nHost: x\r\nX-Stream-Session: a\r\n\tSet-Cookie: b=c\r\nConnection: close\r\n\r\n",
    );
    const [head = ""] = (await client.closed).split("\r\n\r\n");

    expect(head.toLowerCase()).not.toContain("set-cookie");
  });

  it("takes a session header that was sent twice as one name", async () => {
    const client = await openRaw(listener.port);

    client.write(
      "GET /streams HTTP/1.1\r\nHost: x\r\nX-Stream-Session: a\r\nX-Stream-Session: b\r\nConnection: close\r\n\r\n",
    );

    expect(await client.closed).toContain('{"session":"a, b","token"');
  });
});
