import { createHash, randomUUID } from "node:crypto";
import { loadSettings } from "../src/config/load-settings.ts";
import { configuredRedis } from "../src/context/redis-address.ts";
import { redisViewers } from "../src/context/redis-viewers.ts";
import { etcdClient } from "../src/etcd/client.ts";
import { etcdViewerSessions } from "../src/etcd/viewer-sessions.ts";
import { commandLog } from "../src/runtime/cli/command-log.ts";
import type { ViewerSessionStore } from "../src/services/viewer-session-store.ts";
import { viewerTokens } from "../src/services/viewer-tokens.ts";
import { atLeast, atMost, type Benchmark, type BenchRow, median, noted } from "./benchmark.ts";
import { httpLoad, type Load } from "./support/http-load.ts";
import { installPeers, peerPackage } from "./support/peer-package.ts";
import { cpuMs } from "./support/process-cost.ts";
import { withPrograms } from "./support/program.ts";
import { startEtcd, startRedis } from "./support/servers.ts";
import { type StreamServer, startKoaRedis, startRigTokens } from "./support/stream-servers.ts";
import { until } from "./support/until.ts";

const ROUNDS = 3;
const LIVE_TOKENS = 200_000;
const KNOWN = 2_000; // sessions of which the viewers renew; the server has seen them all when it is measured
const CONNECTIONS = 64;
const LOAD_MS = 6_000;
const WARM_UP_MS = 2_000;
const BATCH = 200;
const TRIES = 20;

/** A viewer that has a token. */
interface Viewer {
  readonly session: string;
  readonly token: string;
}

/** A server with its tokens. */
interface Entrant {
  readonly name: string;
  readonly server: StreamServer;
  readonly viewers: readonly Viewer[];
}

/** One load, and what it cost the server's own process. */
interface Measured extends Load {
  readonly cpuMicros: number;
}

type Asked = "hello" | "renew" | "issue";

/** `GET /streams` end to end over HTTP, against `GET /` of the same process, and against the plain way to write it. */
export const streamService: Benchmark = async (signal) => {
  await installPeers();
  return withPrograms(async (keep) => {
    const etcd = keep(await startEtcd(signal));
    const redis = keep(await startRedis(signal));
    const ownRedis = keep(await startRedis(signal));
    const rig: Entrant = {
      name: "rig on etcd",
      viewers: await fillEtcd(etcd.url, signal),
      server: keep(await startRigTokens({ ETCD_ENDPOINTS: etcd.url })),
    };
    const rigRedis: Entrant = {
      name: "rig on Redis",
      viewers: await fillRedis(ownRedis.url, signal),
      server: keep(await startRigTokens({ REDIS_URL: ownRedis.url })),
    };
    const koa: Entrant = {
      name: "Koa and ioredis, a KEYS a request",
      viewers: await fillPlain(redis.url, signal),
      server: keep(await startKoaRedis(redis.url)),
    };
    const results = await measure([rig, rigRedis, koa], signal);
    return [...rowsOf(rig, koa, 2.5, results), ...rowsOf(rigRedis, koa, 1.6, results), ...plainRows(koa, results)];
  });
};

type Results = (entrant: Entrant, asked: Asked, read: (measured: Measured) => number) => number;

const cpu = ({ cpuMicros }: Measured) => cpuMicros;
const rate = ({ perSecond }: Measured) => perSecond;
const ASKED = ["renew", "issue"] as const;

/** @param most server CPU of a request, in those of `GET /` */
function rowsOf(rig: Entrant, koa: Entrant, most: number, of: Results): BenchRow[] {
  const hello = of(rig, "hello", cpu);
  return [
    ...ASKED.flatMap((asked) => [
      atMost(
        `${asked}: server CPU, ${rig.name} against GET /`,
        of(rig, asked, cpu),
        "µs",
        of(rig, asked, cpu) / hello,
        most,
      ),
      atLeast(
        `${asked}: ${rig.name} against ${koa.name}, ${LIVE_TOKENS} live tokens`,
        ...([of(rig, asked, rate), "requests/s", of(rig, asked, rate) / of(koa, asked, rate), 3] as const),
      ),
      noted(
        `${asked}: p99, ${rig.name}`,
        of(rig, asked, ({ p99Ms }) => p99Ms),
        "ms",
      ),
      noted(
        `${asked}: refused, ${rig.name}`,
        of(rig, asked, ({ refused }) => refused),
        "requests",
      ),
    ]),
    noted(`GET /: ${rig.name}`, of(rig, "hello", rate), "requests/s"),
    noted(`GET /: server CPU, ${rig.name}`, hello, "µs"),
  ];
}

const plainRows = (koa: Entrant, of: Results): BenchRow[] =>
  ASKED.flatMap((asked) => [
    noted(`${asked}: ${koa.name}`, of(koa, asked, rate), "requests/s"),
    noted(
      `${asked}: refused, ${koa.name}`,
      of(koa, asked, ({ refused }) => refused),
      "requests",
    ),
  ]);

/** Every entrant once a round, so that what else the machine does meets them all. */
async function measure(entrants: readonly Entrant[], signal: AbortSignal): Promise<Results> {
  const taken = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++)
    for (const entrant of entrants)
      for (const asked of ["hello", "renew", "issue"] as const) {
        signal.throwIfAborted();
        const name = `${entrant.name} ${asked}`;
        taken.set(name, [...(taken.get(name) ?? []), await once(entrant, asked, signal)]);
      }
  return ({ name }, asked, read) => median((taken.get(`${name} ${asked}`) ?? []).map(read));
}

async function once({ server: { url, pid }, viewers }: Entrant, asked: Asked, signal: AbortSignal): Promise<Measured> {
  const next = requests(asked, viewers);
  const load = (ms: number) => httpLoad({ url, connections: CONNECTIONS, ms, next, signal });
  for (let warmed = 0; warmed < viewers.length && asked !== "hello"; ) warmed += (await load(WARM_UP_MS)).requests;
  const before = cpuMs(pid);
  const done = await load(LOAD_MS);
  return { ...done, cpuMicros: ((cpuMs(pid) - before) * 1_000) / done.requests };
}

function requests(asked: Asked, viewers: readonly Viewer[]) {
  const some = () => viewers[Math.floor(Math.random() * viewers.length)];
  switch (asked) {
    case "hello":
      return () => ({ path: "/", headers: "" });
    case "issue":
      return () => ({ path: "/streams", headers: `X-Stream-Session: ${randomUUID()}\r\n` });
    case "renew":
      return () => {
        const { session, token } = some() as Viewer;
        return { path: "/streams", headers: `X-Stream-Session: ${session}\r\nX-Stream-Token: ${token}\r\n` };
      };
  }
}

async function fillEtcd(url: string, signal: AbortSignal): Promise<Viewer[]> {
  const etcd = etcdClient({ endpoints: [url] });
  const known = await fill(etcdViewerSessions(etcd), signal);
  await etcd.close();
  return known;
}

async function fillRedis(url: string, signal: AbortSignal): Promise<Viewer[]> {
  const address = await configuredRedis((await loadSettings({ env: { REDIS_URL: url } })).settings);
  if (!address) throw new Error("no Redis");
  const { store, probe, close } = await redisViewers(address, commandLog);
  const isThere = () =>
    probe.check(signal).then(
      () => true,
      () => false,
    );
  await until("Redis answers", isThere, signal);
  const known = await fill(store, signal);
  await close();
  return known;
}

/** Through rig's own rule. */
function fill(store: ViewerSessionStore, signal: AbortSignal): Promise<Viewer[]> {
  const viewers = viewerTokens({
    ...{ store, newToken: randomUUID, limit: 3, expirySeconds: 3_600 },
    hash: (text) => createHash("sha256").update(text).digest("hex"),
  });
  const admit = async (tries = TRIES): Promise<Viewer> => {
    const session = randomUUID();
    try {
      const admitted = await viewers.admit(session, null);
      return { session, token: "token" in admitted ? admitted.token : "" };
    } catch (error) {
      if (tries <= 1) throw error;
      return admit(tries - 1); // a machine that does other things too may be late
    }
  };
  return inBatches(() => admit(), signal);
}

async function fillPlain(url: string, signal: AbortSignal): Promise<Viewer[]> {
  interface Client {
    set(key: string, value: string, ex: "EX", seconds: number): Promise<unknown>;
    quit(): Promise<unknown>;
  }
  const { Redis } = peerPackage("ioredis") as { Redis: new (url: string) => Client };
  const redis = new Redis(url);
  const known = await inBatches(async () => {
    const viewer = { session: randomUUID(), token: randomUUID() };
    await redis.set(`${viewer.session}:${viewer.token}`, "1", "EX", 3_600);
    return viewer;
  }, signal);
  await redis.quit();
  return known;
}

/** As many as live, and some of them. */
async function inBatches(make: () => Promise<Viewer>, signal: AbortSignal): Promise<Viewer[]> {
  const known: Viewer[] = [];
  for (let made = 0; made < LIVE_TOKENS; made += BATCH) {
    signal.throwIfAborted();
    const batch = await Promise.all(Array.from({ length: BATCH }, make));
    if (known.length < KNOWN) known.push(...batch);
  }
  return known;
}
