import type { Etcd3 } from "etcd3";
import type { Clock, Random } from "../domain/clock.ts";
import type { CallAuth } from "./call-auth.ts";

/** One member of the cluster; calls and streams go to one at a time. */
export interface Member {
  readonly client: Etcd3;
  readonly auth: CallAuth;
  /** Where it is, as it was configured; none for a store in this process. */
  readonly endpoint?: string;
}

interface Known extends Member {
  /** Monotonic; the longer ago, the sooner it is asked again. */
  suspectedAt: number;
}

/**
 * The members of a cluster, of which one is asked until it fails: a member that hangs then costs one deadline, not every
 * n-th call. Begins with any, so that many processes share the members.
 */
export class Members {
  readonly #members: readonly Known[];
  readonly #clock: Pick<Clock, "monotonic">;
  #asked: Known;

  constructor(members: readonly Member[], clock: Pick<Clock, "monotonic">, random: Random) {
    this.#clock = clock;
    this.#members = members.map((member) => ({ ...member, suspectedAt: Number.NEGATIVE_INFINITY }));
    const first = this.#members[Math.floor(random() * this.#members.length)];
    if (!first) throw new TypeError("an etcd has at least one endpoint");
    this.#asked = first;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Where they are. */
  get endpoints(): readonly string[] {
    return this.#members.flatMap(({ endpoint }) => endpoint ?? []);
  }

  /** The one to ask. */
  pick(): Member {
    return this.#asked;
  }

  /** It failed, or did not answer in time: the one that did so longest ago is asked from now on. */
  suspect(member: Member): void {
    (member as Known).suspectedAt = this.#clock.monotonic();
    if (member !== this.#asked) return;
    this.#asked = this.#members.reduce((best, each) => (each.suspectedAt < best.suspectedAt ? each : best));
  }

  close(): void {
    for (const { client } of this.#members) client.close();
  }
}
