import { existsSync, readFileSync } from "node:fs";
import { Agent, get as httpGet } from "node:http";
import { expect, it } from "vitest";
import { fullCount, IS_LONG } from "./full-count.ts";
import { type LoneRole, startLoneRole } from "./lone-role.ts";

/** A store of a test's own, in which viewer sessions come to stand. */
export interface CrowdedStore {
  /** What a server is told of it. */
  readonly env: Record<string, string>;
  /** How many stand in it now. */
  sessions(): Promise<number>;
  /** Resolves once what rig promises of it has come true without anybody asking: that none stands there any more; tells figures. */
  forgets(expirySeconds: number): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** What is asked of a server over it. */
interface Crowd {
  /**
   * The heap that it is given, and by how much its resident memory may grow. (V8 collects late where it has room: with 77 MiB
   * in use 290 MiB were taken.)
   */
  readonly heapMib: number;
}

const SESSIONS = fullCount(2_400, 100_000, "RIG_MANY_SESSIONS"); // more than the sweeper looks at in one range
const PER_SECOND = 100_000 / 60;
const WARM = 300; // requests until what every process takes anyway is taken
const TICK_MS = 20;
const IN_FLIGHT = 48;
const EXPIRY_SECONDS = fullCount(60, 5); // a usual run looks at what none has outlived, a long one waits for the end of all
const SAMPLE_MS = 100;
const MIB = 1024;

/**
 * Sessions that nobody had before, one after the other at a steady pace, at one server: its memory is bounded, each has one
 * entry in the store, and the store forgets them. Call it within a `describe`; `start` gives null where it is not installed.
 */
export function bearsManyViewers(start: () => Promise<CrowdedStore | null>, { heapMib }: Crowd): void {
  it(
    "stay within the memory that a server promises, and are forgotten",
    async (context) => {
      const store = await start();
      if (!store) return context.skip();
      const role = startLoneRole(["server", "--only", "tokens"], {
        ...{ ...store.env, NODE_OPTIONS: `--max-old-space-size=${heapMib}` },
        ...{ STREAM_SERVICE_PORT: "0", STREAM_EXPIRY: String(EXPIRY_SECONDS), LOG_LEVEL: "info" },
      });
      try {
        const { streamService: url } = await role.logged<{ streamService: string }>("stream service serves");
        await crowd(url, "warm", WARM);
        const memory = watchMemory(role);
        const startedAt = performance.now();
        const granted = await crowd(url, "viewer", SESSIONS);
        const seconds = (performance.now() - startedAt) / 1_000;
        const { beforeMib, mostMib } = memory.stop();
        const stored = await store.sessions();
        const figures = { sessions: SESSIONS, granted, seconds: Math.round(seconds), beforeMib, mostMib, stored };
        process.stderr.write(`${JSON.stringify(figures)}\n`);
        const forgotten = await store.forgets(EXPIRY_SECONDS);
        process.stderr.write(`${JSON.stringify({ forgotten, afterMib: residentMib(role) })}\n`);

        expect(granted).toBe(SESSIONS);
        expect(stored).toBeLessThanOrEqual(SESSIONS + WARM);
        expect(stored).toBeGreaterThanOrEqual(IS_LONG ? 1 : SESSIONS + WARM); // a long run's first may be gone by then
        expect(mostMib - beforeMib).toBeLessThan(heapMib);
        expect(await crowd(url, "viewer", 10)).toBe(10); // that the server may remember, and the store does not
      } finally {
        await role.stop();
        await store.stop();
      }
    },
    (SESSIONS / PER_SECOND) * 4_000 + 400_000,
  );
}

/** Asks for so many sessions at the steady pace, slower where the server is; how many were granted. */
async function crowd(url: string, name: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const startedAt = performance.now();
  const flying = new Set<Promise<void>>();
  let granted = 0;
  const ask = async (session: string) => {
    const is = (await isGranted(agent, url, session)) || (await isGranted(agent, url, session)); // as a viewer would
    granted += is ? 1 : 0;
  };
  for (let n = 0; n < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) * PER_SECOND) / 1_000));
    for (; n < due; n++) {
      if (flying.size >= IN_FLIGHT) await Promise.race(flying);
      const asking: Promise<void> = ask(nameOf(name, n)).finally(() => flying.delete(asking));
      flying.add(asking);
    }
    await new Promise<void>((wake) => setTimeout(wake, TICK_MS));
  }
  await Promise.all(flying);
  agent.destroy();
  return granted;
}

/** One in a hundred is as long as a header lets it be. */
const nameOf = (name: string, n: number): string => `${name} ${n}${n % 100 === 0 ? "*".repeat(4_000) : ""}`;

const isGranted = (agent: Agent, url: string, session: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = httpGet(`${url}/streams`, { agent, headers: { "x-stream-session": session } }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 200));
    });
    asked.once("error", () => resolve(false));
  });

function watchMemory(role: LoneRole) {
  const beforeMib = residentMib(role);
  let mostMib = beforeMib;
  const sampling = setInterval(() => {
    mostMib = Math.max(mostMib, residentMib(role));
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(sampling);
      return { beforeMib, mostMib };
    },
  };
}

/** 0 where nobody can see it. */
function residentMib({ child }: LoneRole): number {
  const place = `/proc/${child.pid}/status`;
  const [kib] = existsSync(place) ? (/(?<=^VmRSS:\s+)\d+/m.exec(readFileSync(place, "utf8")) ?? ["0"]) : ["0"];
  return Math.round(Number(kib) / MIB);
}
