import { RigError } from "../domain/errors.ts";
import type { ViewerAnswer, ViewerOperation } from "../domain/viewer-operation.ts";
import { decideViewers } from "../domain/viewer-rule.ts";
import { NO_VIEWERS } from "../domain/viewer-session.ts";
import type { Deadlines, Waiting } from "../services/deadlines.ts";
import type { ViewerSessionName } from "../services/viewer-session-store.ts";
import type { Etcd } from "./client.ts";
import type { KeyValue } from "./operation.ts";
import type { SeenViewers, ViewerCache } from "./viewer-cache.ts";
import { commitViewers } from "./viewer-commit.ts";
import { decodeViewers, encodeViewers, likelyViewerBytes } from "./viewer-encoding.ts";

/** What all queues share. */
export interface ViewerQueuePorts {
  readonly etcd: Pick<Etcd, "keys" | "clock" | "commit">;
  readonly cache: ViewerCache;
  readonly deadlines: Deadlines;
  /** The clock by which tokens expire. */
  readonly now: () => number;
}

interface Asked extends Waiting {
  readonly operation: ViewerOperation;
  /** True once it may have been applied. */
  sent: boolean;
  readonly resolve: (answer: ViewerAnswer) => void;
  readonly reject: (error: RigError) => void;
}

const PATIENCE_MS = 1_800; // every caller hears within 2 s
const MOST_WAITING = 1_024;
const MOST_TOGETHER = 256; // folded in 2 ms

/** What waits for one session: all of it becomes one change, which all hear of once it is durable. */
export class ViewerQueue {
  readonly #ports: ViewerQueuePorts;
  readonly #session: ViewerSessionName;
  readonly #key: string;
  /** Those who asked first come first, and are the first to be late. */
  readonly #waiting = new Set<Asked>();
  readonly #onIdle: () => void;
  #isRunning = false;

  /** `onIdle` is told when nothing waits any more: the queue is of no more use. */
  constructor(ports: ViewerQueuePorts, session: ViewerSessionName, onIdle: () => void) {
    this.#ports = ports;
    this.#session = session;
    this.#onIdle = onIdle;
    this.#key = ports.etcd.keys.viewerSession(session.key);
  }

  /** @throws RigError as the port says */
  apply(operation: ViewerOperation): Promise<ViewerAnswer> {
    const { etcd, deadlines } = this.#ports;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= MOST_WAITING)
        throw new RigError("OVERLOADED", `etcd: ${MOST_WAITING} requests wait for this viewer session already`);
      const endsAt = etcd.clock.monotonic() + PATIENCE_MS;
      const onLate = () => this.#settle(asked, late(asked));
      const asked: Asked = { operation, endsAt, sent: false, resolve, reject, onLate };
      deadlines.add(asked);
      this.#waiting.add(asked);
      if (!this.#isRunning) void this.#run();
    });
  }

  #settle(asked: Asked, answer: ViewerAnswer | RigError): void {
    this.#ports.deadlines.clear(asked);
    this.#waiting.delete(asked);
    if (answer instanceof Error) asked.reject(answer);
    else asked.resolve(answer);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await null; // requests of one tick share the first change
    while (this.#waiting.size > 0) {
      const together = [...this.#waiting].slice(0, MOST_TOGETHER);
      try {
        await this.#change(together);
      } catch (error) {
        this.#ports.cache.delete(this.#session.key);
        for (const asked of together) this.#settle(asked, asRigError(error));
      }
    }
    this.#onIdle();
  }

  /** One try: where the session was no longer as it was seen, it is seen anew and all still wait. */
  async #change(together: readonly Asked[]): Promise<void> {
    const { etcd, cache, now } = this.#ports;
    const { modRevision, session: before } = cache.get(this.#session.key) ?? NOTHING_SEEN;
    const operations = together.map(({ operation }) => operation);
    const { session, answers } = decideViewers(before, operations, now());
    const patienceMs = (together.at(-1)?.endsAt ?? 0) - etcd.clock.monotonic();
    for (const asked of together) asked.sent = true;
    const changed = await commitViewers(
      etcd,
      {
        key: this.#key,
        seenRevision: modRevision,
        value: session === before ? null : encodeViewers({ name: this.#session.name, ...session }),
        maxBytes: likelyViewerBytes(Math.max(before.tokens.length, session.tokens.length)),
      },
      patienceMs,
    );
    if (!changed.held) return this.#see(changed.found);
    if (changed.modRevision > 0) cache.set(this.#session.key, { modRevision: changed.modRevision, session });
    for (const [i, asked] of together.entries()) this.#settle(asked, answers[i] as ViewerAnswer);
  }

  #see(found: KeyValue | null): void {
    const { cache } = this.#ports;
    cache.delete(this.#session.key);
    if (!found) return;
    const { tokens, ended, limit } = decodeViewers(this.#key, found.value);
    cache.set(this.#session.key, { modRevision: found.modRevision, session: { tokens, ended, limit } });
  }
}

const NOTHING_SEEN: SeenViewers = { modRevision: 0, session: NO_VIEWERS };

const late = ({ sent }: Asked): RigError =>
  sent
    ? new RigError("ETCD_AMBIGUOUS", "etcd: change a viewer session: no answer in time, it may have been done or not")
    : new RigError("ETCD_UNREACHABLE", "etcd: change a viewer session: not sent: no time left");

const asRigError = (error: unknown): RigError =>
  error instanceof RigError ? error : new RigError("INTERNAL", "etcd: change a viewer session", { cause: error });
