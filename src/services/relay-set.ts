import type { Clock, Random } from "../domain/clock.ts";
import type { RelayStatus } from "../domain/relay.ts";
import type { DestinationTarget } from "./destinations.ts";
import type { Relays } from "./edge.ts";
import type { PushEnd, PushOnce, PushProgress } from "./relay-push.ts";
import { type RelayUsage, relayUsage } from "./relay-usage.ts";
import { superviseRelay } from "./supervise-relay.ts";

/** What the relays of one publish need. */
export interface RelaySetOptions {
  readonly publishId: string;
  /** The ingest's address of this publish for one relay. */
  pullUrl(relayId: string): string;
  readonly clock: Clock;
  readonly random: Random;
  readonly push: PushOnce;
  /** A relay has entered another state or attempt (not: another second of progress). */
  changed?(status: RelayStatus): void;
  /** One try of a relay has ended; for the log. */
  pushEnded?(relayId: string, end: PushEnd): void;
}

interface RunningRelay {
  target: DestinationTarget;
  readonly stop: AbortController;
  retry: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The relays of one publish: what is wanted is applied, what runs is told. A change of one destination never touches the
 * relays of the others.
 */
export function relaySet(options: RelaySetOptions): Relays {
  const running = new Map<string, RunningRelay>();
  const ending = new Map<string, Promise<void>>(); // stopped or replaced, but not over yet
  const statuses = new Map<string, RelayStatus>();
  const usage = relayUsage();
  let stopped = false;

  const start = (target: DestinationTarget) => {
    const relayId = target.destination.id;
    // A predecessor ends first: most servers refuse a second publish of the same destination key.
    const predecessor = ending.get(relayId) ?? Promise.resolve();
    const relay: RunningRelay = {
      target,
      stop: new AbortController(),
      retry: new AbortController(),
      ended: predecessor.then(() => supervise(relay, options, usage, (status) => show(status, relay))),
    };
    running.set(relayId, relay);
  };

  const show = (status: RelayStatus, relay: RunningRelay) => {
    const successor = running.get(status.destinationId);
    if (successor && successor !== relay) return;
    const before = statuses.get(status.destinationId);
    const shown = { ...status, egressBytes: usage.of(status.destinationId).egressBytes };
    statuses.set(status.destinationId, shown);
    if (before?.state !== shown.state || before.attempt !== shown.attempt) options.changed?.(shown);
  };

  const end = (relayId: string, relay: RunningRelay) => {
    running.delete(relayId);
    relay.stop.abort();
    const ended: Promise<void> = relay.ended.then(() => {
      if (ending.get(relayId) === ended) ending.delete(relayId);
      if (!stopped && !running.has(relayId)) statuses.delete(relayId); // removed or disabled: its slot is free now
    });
    ending.set(relayId, ended);
  };

  return {
    apply(targets) {
      if (stopped) return;
      const wanted = new Map(targets.map((target) => [target.destination.id, target]));
      for (const [relayId, relay] of running) {
        const destination = wanted.get(relayId)?.destination;
        if (!destination?.enabled || destination.revision !== relay.target.destination.revision) end(relayId, relay);
      }
      for (const [relayId, target] of wanted) {
        const relay = running.get(relayId);
        if (!relay && target.destination.enabled) start(target);
        if (!relay) continue;
        if (target.destination.retrySeq > relay.target.destination.retrySeq) wake(relay);
        relay.target = target;
      }
    },
    statuses: () => [...statuses.values()],
    usage: usage.all,
    async stop() {
      stopped = true;
      for (const [relayId, relay] of running) end(relayId, relay);
      while (ending.size > 0) await Promise.all(ending.values());
    },
  };
}

function supervise(
  relay: RunningRelay,
  { publishId, pullUrl, clock, random, push, pushEnded }: RelaySetOptions,
  usage: RelayUsage,
  report: (status: RelayStatus) => void,
): Promise<void> {
  const relayId = relay.target.destination.id;
  const counted: PushOnce = (order, onProgress, signal) => {
    const count = (progress: PushProgress) => {
      usage.count(relayId, progress);
      onProgress(progress);
    };
    return push(order, count, signal);
  };
  const book = (end: PushEnd) => {
    usage.book(relayId, end);
    pushEnded?.(relayId, end);
  };
  const order = { publishId, relayId, pullUrl: pullUrl(relayId), target: relay.target };
  const ports = { clock, random, push: counted, report, pushEnded: book, retryNow: () => relay.retry.signal };
  return superviseRelay(order, ports, relay.stop.signal);
}

function wake(relay: RunningRelay): void {
  relay.retry.abort();
  relay.retry = new AbortController();
}
