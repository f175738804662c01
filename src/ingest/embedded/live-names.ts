import type { LivePlayer } from "./live-player.ts";
import type { LivePublish } from "./live-publish.ts";

/** A name with those who play it, or wait for it, and the publish that it has or not. */
export interface LiveName {
  readonly players: Set<LivePlayer>;
  publish: LivePublish | null;
}

/** All local names that somebody publishes, plays or waits for; one that nobody cares for is forgotten. */
export class LiveNames {
  readonly #names = new Map<string, LiveName>();

  /** The name as it is known, or anew. */
  open(localName: string): LiveName {
    const known = this.#names.get(localName);
    if (known) return known;
    const name: LiveName = { players: new Set(), publish: null };
    this.#names.set(localName, name);
    return name;
  }

  find(localName: string): LiveName | null {
    return this.#names.get(localName) ?? null;
  }

  publishes(): LivePublish[] {
    return [...this.#names.values()].flatMap(({ publish }) => publish ?? []);
  }

  /** Ends all players of the name after what is queued for them. */
  endPlayers(name: LiveName): void {
    for (const player of name.players) player.end();
    name.players.clear(); // a publish that follows under this name is not theirs
  }

  /** Forgets the name where nobody is left. */
  release(localName: string): void {
    const name = this.#names.get(localName);
    if (name && name.players.size === 0 && name.publish === null) this.#names.delete(localName);
  }

  /** Ends every player, waiting ones included. */
  endAllPlayers(): void {
    for (const [localName, name] of this.#names) {
      this.endPlayers(name);
      this.release(localName);
    }
  }
}
