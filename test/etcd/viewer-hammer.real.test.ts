import { Agent, get as httpGet } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { decodeViewers } from "../../src/etcd/viewer-encoding.ts";
import { startEtcd } from "../support/etcd.ts";
import { fullCount } from "../support/full-count.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { unexplained, type ViewerEvent } from "../support/viewer-history.ts";

const LIMIT = 3;
const EXPIRY_SECONDS = 2;
const CLIENTS = 64;
const SERVERS = 3;
const SESSIONS = ["*", "a:b", "a", "[a-z]", "x".repeat(4_096), "%00", "ada", ..."bcdefghijklmn"];
const RUN_MS = fullCount(10_000, 600_000, "RIG_HAMMER_MS");
const SEED = fullCount(Date.now() % 1_000_000, Date.now() % 1_000_000, "RIG_HAMMER_SEED");

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 2 * CLIENTS });
afterAll(() => agent.destroy());
const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

type Answer = { readonly status: number; readonly body: string } | "not sent" | "broken";

function ask(url: string, session: string, token: string | null): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { "x-stream-session": session, ...(token !== null && { "x-stream-token": token }) };
    const request = httpGet(`${url}/streams`, { agent, headers, timeout: 4_000 }, (response) => {
      let body = "";
      response.on("data", (bytes) => (body += bytes));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", () => resolve("broken"));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ECONNREFUSED" ? "not sent" : "broken"),
    );
  });
}

const gotFrom = ({ status, body }: { status: number; body: string }): ViewerEvent["got"] => {
  if (status === 200) return (JSON.parse(body) as { token: string }).token;
  return status === 401 ? null : "unknown";
};

describe("servers of viewer tokens that are killed, over an etcd that is restarted", () => {
  it(
    `grant ${CLIENTS} hammering clients never more than the limit, in an order that explains all`,
    async (context) => {
      const etcd = await startEtcd();
      if (!etcd) return context.skip();
      process.stderr.write(`hammering for ${RUN_MS} ms, RIG_HAMMER_SEED=${SEED}\n`);
      const random = randomOf(SEED);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
      const env = { ETCD_ENDPOINTS: etcd.endpoint, STREAM_SERVICE_PORT: "0", STREAM_EXPIRY: String(EXPIRY_SECONDS) };
      const start = async () => {
        const role = startLoneRole(["server", "--only", "tokens"], { ...env, LOG_LEVEL: "info" });
        const { streamService: url } = await role.logged<{ streamService: string }>("stream service serves");
        return { role, url };
      };
      const servers: { role: LoneRole; url: string }[] = await Promise.all(Array.from({ length: SERVERS }, start));
      const client = etcdClient({ endpoints: [etcd.endpoint] });
      const stop = new AbortController();
      const most: number[] = [];
      const watching = inform(
        client,
        client.keys.viewerSessions,
        { onPut: ({ key, value }) => void most.push(decodeViewers(key, value).tokens.length) },
        stop.signal,
      );
      const events: ViewerEvent[] = [];
      const endsAt = performance.now() + RUN_MS;

      const hammer = async () => {
        const held = new Map<string, string>();
        while (performance.now() < endsAt) {
          const session = pick(SESSIONS);
          const shown = random() < 0.7 ? (held.get(session) ?? null) : null;
          const invokedAt = performance.now();
          const answer = await ask(pick(servers).url, session, shown);
          if (answer === "not sent") {
            await pause(50);
            continue;
          }
          const got = answer === "broken" ? "unknown" : gotFrom(answer);
          events.push({ session, invokedAt, answeredAt: performance.now(), shown, got });
          if (got === "unknown")
            await pause(200); // as a client would
          else if (got !== null) held.set(session, got);
          else if (shown !== null) held.delete(session);
        }
      };
      const disturb = async () => {
        for (let turn = 0; performance.now() < endsAt - 3_000; turn++) {
          await pause(2_000 + random() * 1_500);
          if (turn % 2 === 0) {
            const at = Math.floor(random() * SERVERS);
            servers[at]?.role.child.kill("SIGKILL");
            servers[at] = await start();
          } else {
            await etcd.kill();
            etcd.start();
            await etcd.healthy();
          }
        }
      };
      try {
        await Promise.all([disturb(), ...Array.from({ length: CLIENTS }, hammer)]);
      } finally {
        stop.abort();
        await watching;
        await Promise.all(servers.map(({ role }) => role.stop()));
        await client.close();
        await etcd.stop();
      }

      const counts = { asked: events.length, unknown: events.filter(({ got }) => got === "unknown").length };
      process.stderr.write(`${JSON.stringify({ ...counts, writes: most.length })}\n`);
      expect(Math.max(...most.slice(-50_000))).toBe(LIMIT);
      expect(most.filter((tokens) => tokens > LIMIT)).toEqual([]);
      for (const session of SESSIONS) {
        const own = events.filter((event) => event.session === session);
        expect({
          session,
          seed: SEED,
          unexplained: unexplained(own, { limit: LIMIT, expiryMs: EXPIRY_SECONDS * 1_000 }),
        }).toEqual({ session, seed: SEED, unexplained: null });
      }
      expect(events.filter(({ got }) => typeof got === "string" && got !== "unknown").length).toBeGreaterThan(100);
      expect(counts.unknown).toBeLessThan(counts.asked / 2);
    },
    RUN_MS + 120_000,
  );
});
