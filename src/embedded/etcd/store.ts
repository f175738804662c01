import { setMaxListeners } from "node:events";
import type { Clock, Random } from "../../domain/clock.ts";
import type { RigError } from "../../domain/errors.ts";
import { lockFolder } from "../../runtime/folder-lock.ts";
import { keepAlive, unaryCalls } from "./api.ts";
import type { ApiPorts, Unary } from "./api-ports.ts";
import { type ByteCalls, byteCalls } from "./byte-calls.ts";
import { cannotOpen, diskFailure, isDiskError } from "./disk-error.ts";
import { HistoryKeeper } from "./duties/history-keeper.ts";
import { expireLeases, LEASE_CHECK_MS } from "./duties/lease-expiry.ts";
import { Snapshots } from "./duties/snapshots.ts";
import { Engine } from "./engine.ts";
import { identityOf } from "./identity.ts";
import { DEFAULT_LIMITS, type StoreLimits } from "./limits.ts";
import { makeFolder } from "./log/folder.ts";
import { GroupCommit } from "./log/group-commit.ts";
import { type Recovered, recover } from "./log/recover.ts";
import { LeaseClock } from "./state/lease-clock.ts";
import { Machine } from "./state/machine.ts";
import { WatchHub } from "./watch/watch-hub.ts";
import type { WatchStream } from "./watch/watch-stream.ts";
import { encodeWatch } from "./wire/encode.ts";
import type { Wire } from "./wire/fields.ts";

/** What the store says while it runs; pino's shape. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface StoreOptions extends Partial<StoreLimits> {
  /** Made for its owner alone where it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** For lease ids and the store's own; Math.random where left out. */
  readonly random?: Random;
  readonly log?: StoreLog;
}

/** A running store. Use it through `serveGrpc` or `inProcessTransport`. */
export interface EmbeddedStore {
  readonly folder: string;
  /** Resolves, with the reason, when the disk failed and the store has stopped for it; never rejects. */
  readonly failed: Promise<RigError>;
  /** Answers what was taken, writes it down, ends all watches and frees the folder. Safe to repeat. */
  close(): Promise<void>;
  /** For the transports. */
  readonly api: StoreApi;
}

/** The calls behind every transport. Messages have proto-loader's shape (`keepCase`, longs and enums as strings). */
export interface StoreApi {
  /** By `Service.Method` as in rpc.proto. @throws StoreError */
  unary(path: string): Unary | undefined;
  /** Answers one message of a keep-alive stream. @throws StoreError */
  keepAlive(request: Wire): Promise<Wire>;
  /** Starts a stream of watches. `send` answers false to hold back until `drained()`. */
  watch(send: (message: Wire) => boolean): WatchStream;
  /** The usual calls over again, for who has them in bytes. */
  readonly bytes: ByteCalls;
  /** Aborted when the store has stopped: streams end then. */
  readonly ended: AbortSignal;
  /** Adds an address that clients may use; answers how to take it back. */
  announce(clientUrl: string): () => void;
}

/**
 * Opens the store in a folder, recovering what stands there.
 * @throws RigError ALREADY_RUNNING while another process has it; DATA_FOLDER where acknowledged data is damaged, or the
 *   folder cannot be read and written
 */
export async function openEmbeddedStore(options: StoreOptions): Promise<EmbeddedStore> {
  try {
    return await openFolder(options);
  } catch (error) {
    throw isDiskError(error) ? cannotOpen(options.folder, error) : error;
  }
}

async function openFolder(options: StoreOptions): Promise<EmbeddedStore> {
  await makeFolder(options.folder);
  const unlock = await lockFolder(options.folder);
  try {
    return await openLocked(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

const SILENT: StoreLog = { info: () => {}, warn: () => {}, error: () => {} };

async function openLocked(options: StoreOptions, unlock: () => Promise<void>): Promise<EmbeddedStore> {
  const { folder, clock, random = Math.random, log = SILENT } = options;
  const limits: StoreLimits = { ...DEFAULT_LIMITS, ...options };
  const member = await identityOf(folder, () => randomId(random));
  const leaseClock = new LeaseClock(clock, LEASE_CHECK_MS);
  const machine: Machine = new Machine({
    leaseNow: () => leaseClock.now(),
    minLeaseTtlSeconds: limits.minLeaseTtlSeconds,
    quotaBytes: limits.quotaBytes,
    newLeaseId: () => randomId(random),
    log: (entry) => {
      if (entry.kind === "alarm") sayAlarm(log, folder, entry.noSpace, limits);
      commit.append(entry, machine.keyspace.revision);
    },
  });
  const recovered = await recover(folder, machine);
  sayWhatWasFound(log, folder, recovered, machine);
  if (machine.noSpace) sayAlarm(log, folder, true, limits);
  const hub = new WatchHub(machine.keyspace);
  const end = ending();
  const commit: GroupCommit = new GroupCommit({
    ...{ folder, file: recovered.file, sequence: recovered.sequence },
    onDurable: (revision) => {
      hub.publish(revision);
      history.check();
      snapshots.check();
    },
    onFailure: (cause) => {
      log.error({ folder, error: String(cause) }, "embedded store stopped: its log cannot be written");
      end.fail(diskFailure(folder, cause));
    },
  });
  const engine = new Engine(machine, hub, commit);
  const history = new HistoryKeeper(engine, clock, limits);
  const snapshots = new Snapshots(
    { folder, machine, commit, clock, history, log },
    limits.snapshotAfterBytes,
    recovered.snapshotBytes,
  );
  const duties = Promise.all([
    expireLeases(engine, leaseClock, clock, end.signal),
    history.run(end.signal),
    notifyProgress(hub, limits.progressNotifyMs, clock, end.signal),
  ]);
  const urls = new Set<string>();
  const ports = { engine, history, snapshots, member, limits, clientUrls: () => [...urls] };
  const close = async (): Promise<void> => {
    end.stop();
    await Promise.all([duties, snapshots.close()]);
    await engine.close();
    await unlock();
  };
  let closing: Promise<void> | null = null;
  return {
    folder,
    failed: end.failed,
    api: apiOf(ports, urls, end.signal),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function apiOf(ports: ApiPorts, urls: Set<string>, ended: AbortSignal): StoreApi {
  const calls = unaryCalls(ports);
  return {
    unary: (path) => calls.get(path),
    keepAlive: (request) => keepAlive(ports, request),
    watch: (send) => ports.engine.hub.open({ send: (message) => send(encodeWatch(ports.member, message)) }),
    bytes: byteCalls(ports),
    ended,
    announce: (url) => {
      urls.add(url);
      return () => urls.delete(url);
    },
  };
}

/** How a store ends: because it was told to, or because its disk failed. */
function ending() {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // each open stream is one, and takes itself back
  let report: (error: RigError) => void = () => {};
  const failed = new Promise<RigError>((resolve) => {
    report = resolve;
  });
  return {
    failed,
    signal: controller.signal,
    stop: () => controller.abort(),
    fail: (error: RigError) => {
      controller.abort(error);
      report(error);
    },
  };
}

async function notifyProgress(hub: WatchHub, everyMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal);
    if (!signal.aborted) hub.notifyProgress();
  }
}

/** A random positive id of 63 bits, in decimal. */
export function randomId(random: Random): string {
  const high = BigInt(Math.floor(random() * 2 ** 31));
  const low = BigInt(Math.floor(random() * 2 ** 32));
  return String((high << 32n) | low | 1n);
}

function sayAlarm(log: StoreLog, folder: string, noSpace: boolean, { quotaBytes }: StoreLimits): void {
  const fields = { folder, quotaBytes };
  if (noSpace) log.warn(fields, "embedded store is full: puts are refused until the alarm NOSPACE is disarmed");
  else log.info(fields, "embedded store takes puts again");
}

function sayWhatWasFound(log: StoreLog, folder: string, { droppedBytes }: Recovered, { keyspace }: Machine): void {
  const fields = { folder, revision: keyspace.revision, keys: keyspace.size };
  if (droppedBytes > 0)
    log.warn({ ...fields, droppedBytes }, "embedded store dropped a write that never finished, at the end of its log");
  log.info(fields, "embedded store open");
}
