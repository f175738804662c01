import { RigError } from "../domain/errors.ts";
import type { LivePublish } from "../domain/live.ts";
import type { Etcd } from "./client.ts";
import { commitLeased, type LeasedOperation } from "./leased.ts";
import { encodeLive } from "./live-encoding.ts";
import { absent, type Compare, type KeyValue, put, remove, type Step, unchanged } from "./operation.ts";
import type { ProcessLease } from "./process-lease.ts";

type Page = Pick<KeyValue, "key" | "value" | "modRevision" | "leaseId">;

const ROUNDS = 4; // only a predecessor of the same agent id writes here too
const PAGES_AT_ONCE = 12; // of 64 KiB: well under the megabyte of one transaction

/** One agent's pages of `live/`, as this process keeps them. */
export class LivePages {
  readonly #etcd: Etcd;
  readonly #lease: ProcessLease;
  readonly #agentId: string;
  #latest: readonly LivePublish[] = [];
  /** What etcd holds, as far as we know; null where it must be read first. */
  #known: Map<string, Page> | null = null;

  constructor(etcd: Etcd, lease: ProcessLease, agentId: string) {
    this.#etcd = etcd;
    this.#lease = lease;
    this.#agentId = agentId;
  }

  /** Replaces all that was said before. @throws RigError LEASE_LOST, ETCD_UNREACHABLE, ETCD_AMBIGUOUS */
  async write(publishes: readonly LivePublish[]): Promise<void> {
    this.#latest = publishes;
    await this.flush();
  }

  /** Makes etcd hold the latest. Safe to repeat; writes nothing where it holds that already. */
  async flush(): Promise<void> {
    for (let failures = 0; failures < ROUNDS; ) {
      this.#known ??= await this.#read();
      const changes = this.#changes(this.#known, this.#lease.guard().leaseId);
      if (changes.length === 0) return;
      if (await this.#apply(changes.slice(0, PAGES_AT_ONCE))) continue;
      failures += 1;
      this.#known = null;
    }
    throw new RigError("CONFLICT", `etcd: somebody else writes live/${this.#agentId}`);
  }

  async #read(): Promise<Map<string, Page>> {
    const { entries } = await this.#etcd.list(this.#etcd.keys.livePages(this.#agentId));
    return new Map(entries.map((entry) => [entry.key, entry]));
  }

  #changes(known: ReadonlyMap<string, Page>, leaseId: string): Change[] {
    const wanted = new Map(
      encodeLive(this.#latest).map((value, page) => [this.#etcd.keys.livePage(this.#agentId, page), value]),
    );
    const puts = [...wanted].flatMap(([key, value]) => {
      const page = known.get(key) ?? null;
      return page?.leaseId === leaseId && page.value.equals(value) ? [] : [{ key, page, value }];
    });
    const removals = [...known.values()].filter((page) => !wanted.has(page.key));
    return [...puts, ...removals.map((page) => ({ key: page.key, page, value: null }))];
  }

  /** False where etcd did not hold what we thought. */
  async #apply(changes: readonly Change[]): Promise<boolean> {
    const { revision, leaseId } = await commitLeased(this.#etcd, this.#lease, writeChanges(changes));
    if (revision === null) return false;
    for (const { key, value } of changes)
      if (value === null) this.#known?.delete(key);
      else this.#known?.set(key, { key, value, leaseId, modRevision: revision });
    return true;
  }
}

/** A page to put over `page`, or to remove. */
interface Change {
  readonly key: string;
  readonly page: Page | null;
  readonly value: Buffer | null;
}

type Written = { revision: number | null; leaseId: string };

const writeChanges =
  (changes: readonly Change[]) =>
  (leaseId: string): LeasedOperation<Written> => ({
    what: "say what is live",
    when: changes.map(({ key, page }): Compare => (page ? unchanged(page) : absent(key))),
    apply: changes.map(({ key, value }): Step => (value ? put(key, value, leaseId) : remove(key))),
    answer: ({ succeeded, revision }) => ({ revision: succeeded ? revision : null, leaseId }),
    settle: async (read) => {
      const present = await Promise.all(changes.map(({ key }) => read(key)));
      const applied = changes.every(({ value }, i) => {
        const entry = present[i] ?? null;
        return value === null ? entry === null : entry?.leaseId === leaseId && entry.value.equals(value);
      });
      if (!applied) return { was: "not applied" };
      const revision = Math.max(0, ...present.map((entry) => entry?.modRevision ?? 0));
      return { was: "applied", value: { revision, leaseId } };
    },
  });
