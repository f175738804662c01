import type { ViewerAnswer } from "../domain/viewer-operation.ts";
import type { ViewerSessionName } from "./viewer-session-store.ts";

interface LiveViewersPorts {
  readonly monotonic: () => number;
  /** The longest life that any token is given: of a session that nobody asked for so long, none lives. */
  readonly longestExpiryMs: number;
}

const MOST_FOLLOWED = 4_096; // half of it or more are followed where so many live: the count is then out by some 2 %
const FEW = MOST_FOLLOWED / 8;
const DIGITS = 8; // of a key, which is a hash: as good as dice
const ALL = 16 ** DIGITS;

/**
 * How many tokens live in the sessions that this server answered: exact while at most 4,096 of them live, else from an
 * even share of them, in bounded memory. A token lives here until it expires as it was last seen here: what another
 * server renewed, issued or ended since is not known.
 */
export class LiveViewers {
  /** By the session's key, when its tokens expire. */
  readonly #followed = new Map<string, readonly number[]>();
  readonly #ports: LiveViewersPorts;
  /** Sessions with a key below this are followed. */
  #below = ALL;
  /** Those with a key below this have been for so long that all of them that live are known. */
  #knownBelow = ALL;
  #grownAt = 0;
  /** How far the clock that decides is ahead of ours. */
  #aheadMs = 0;

  constructor(ports: LiveViewersPorts) {
    this.#ports = ports;
  }

  see({ key }: ViewerSessionName, { at, active }: Pick<ViewerAnswer, "at" | "active">): void {
    this.#aheadMs = at - this.#ports.monotonic();
    if (this.#below < ALL && placeOf(key) >= this.#below) return;
    if (active.length === 0) return void this.#followed.delete(key);
    this.#followed.set(
      key,
      active.map(({ expiresAt }) => expiresAt),
    );
    if (this.#followed.size > MOST_FOLLOWED) this.#makeRoom();
  }

  /** Follows more sessions again where few are left: call it now and then. */
  count(): number {
    this.#forgetDead();
    if (this.#ports.monotonic() - this.#grownAt >= this.#ports.longestExpiryMs) this.#knownBelow = this.#below;
    const now = this.#now();
    let tokens = 0;
    for (const [key, expiries] of this.#followed)
      if (placeOf(key) < this.#knownBelow) for (const expiresAt of expiries) if (expiresAt > now) tokens += 1;
    const count = tokens * (ALL / this.#knownBelow);
    if (this.#followed.size < FEW && this.#knownBelow === this.#below) this.#followMore();
    return count;
  }

  #followMore(): void {
    this.#below = Math.min(ALL, this.#below * 2);
    this.#grownAt = this.#ports.monotonic();
  }

  #now(): number {
    return this.#ports.monotonic() + this.#aheadMs;
  }

  #forgetDead(): void {
    const now = this.#now();
    for (const [key, expiries] of this.#followed)
      if (expiries.every((expiresAt) => expiresAt <= now)) this.#followed.delete(key);
  }

  /** Halves what is followed, as often as need be. */
  #makeRoom(): void {
    this.#forgetDead();
    while (this.#followed.size > MOST_FOLLOWED / 2) {
      this.#below /= 2;
      this.#knownBelow = Math.min(this.#knownBelow, this.#below);
      for (const key of this.#followed.keys()) if (placeOf(key) >= this.#below) this.#followed.delete(key);
    }
  }
}

const placeOf = (key: string): number => Number.parseInt(key.slice(0, DIGITS), 16);
