import { Agent, get as httpGet } from "node:http";
import { type LoneRole, startLoneRole } from "./lone-role.ts";
import { until } from "./until.ts";
import type { ViewerEvent } from "./viewer-history.ts";

/** A store that is hammered, over which servers stand. */
export interface HammeredStore {
  /** What its servers are told of it. */
  readonly env: Record<string, string>;
  /** SIGKILL, and up again; resolves when it serves. */
  restart(): Promise<void>;
}

/** Of the servers that the clients ask. */
export const HAMMERED = { limit: 3, expirySeconds: 2 } as const;

const CLIENTS = 64;
const SERVERS = 3;
const CALM_MS = 1_000; // no fault so shortly before the end
const OVER_MS = 60_000;

/** What viewers call their sessions. */
export const HAMMERED_SESSIONS = ["*", "a:b", "a", "[a-z]", "x".repeat(4_096), "%00", "ada", ..."bcdefghijklmn"];

interface Server {
  readonly role: LoneRole;
  readonly url: string;
}

/** How a store is hammered. */
export interface HammerRun {
  readonly runMs: number;
  /** How far apart the faults are: at least this, at most twice as long. */
  readonly faultsMs: number;
  readonly random: () => number;
  /** Behind the last fault it goes on until this is true of all that was answered; at once where left out. */
  readonly isOver?: (events: readonly ViewerEvent[]) => boolean;
}

/** All that 64 clients asked three servers and were answered while store and servers went and came. */
export async function hammerViewers(store: HammeredStore, run: HammerRun): Promise<readonly ViewerEvent[]> {
  const { random } = run;
  const startServer = async (): Promise<Server> => {
    const env = {
      ...store.env,
      STREAM_SERVICE_PORT: "0",
      STREAM_EXPIRY: String(HAMMERED.expirySeconds),
      LOG_LEVEL: "info",
    };
    const role = startLoneRole(["server", "--only", "tokens"], env);
    const { streamService: url } = await role.logged<{ streamService: string }>("stream service serves");
    return { role, url };
  };
  const servers = await Promise.all(Array.from({ length: SERVERS }, startServer));
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * CLIENTS });
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const events: ViewerEvent[] = [];
  const endsAt = performance.now() + run.runMs;
  let isOver = false;

  const client = async () => {
    const held = new Map<string, string>();
    while (!isOver || performance.now() < endsAt) {
      const session = pick(HAMMERED_SESSIONS);
      const shown = random() < 0.7 ? (held.get(session) ?? null) : null;
      const invokedAt = performance.now();
      const got = await ask(agent, { url: pick(servers).url, session, shown });
      if (got === "not sent") {
        await pause(50);
        continue;
      }
      events.push({ session, invokedAt, answeredAt: performance.now(), shown, got });
      if (got === "unknown")
        await pause(200); // as a client would
      else if (got !== null) held.set(session, got);
      else if (shown !== null) held.delete(session);
    }
  };
  const disturb = async () => {
    for (let turn = 0; performance.now() < endsAt - CALM_MS; turn++) {
      await pause(run.faultsMs * (1 + random()));
      if (turn % 2 === 0) {
        await store.restart();
      } else {
        const at = Math.floor(random() * SERVERS);
        servers[at]?.role.child.kill("SIGKILL");
        servers[at] = await startServer();
      }
    }
    await until(() => run.isOver?.(events) ?? true, {
      limitMs: OVER_MS,
      what: "all is answered behind the last fault",
    });
  };
  try {
    const disturbing = disturb().finally(() => {
      isOver = true;
    });
    await Promise.all([disturbing, ...Array.from({ length: CLIENTS }, client)]);
  } finally {
    agent.destroy();
    await Promise.all(servers.map(({ role }) => role.stop()));
  }
  return events;
}

interface Request extends Pick<ViewerEvent, "session" | "shown"> {
  readonly url: string;
}

/** What a viewer's request comes to; `not sent` where nobody listens. */
function ask(agent: Agent, { url, session, shown }: Request): Promise<ViewerEvent["got"] | "not sent"> {
  return new Promise((resolve) => {
    const headers = { "x-stream-session": session, ...(shown !== null && { "x-stream-token": shown }) };
    const request = httpGet(`${url}/streams`, { agent, headers, timeout: 4_000 }, (response) => {
      let body = "";
      response.on("data", (bytes) => (body += bytes));
      response.on("end", () => resolve(gotFrom(response.statusCode ?? 0, body)));
      response.on("error", () => resolve("unknown"));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ECONNREFUSED" ? "not sent" : "unknown"),
    );
  });
}

const gotFrom = (status: number, body: string): ViewerEvent["got"] => {
  if (status === 200) return (JSON.parse(body) as { token: string }).token;
  return status === 401 ? null : "unknown";
};

const pause = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
