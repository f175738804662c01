import type { BusySession } from "../domain/viewer-activity.ts";
import type { ViewerAnswer } from "../domain/viewer-operation.ts";
import type { ViewerSessionName } from "./viewer-session-store.ts";

interface Row {
  readonly name: string | null;
  operations: number;
  refused: number;
  live: number;
  limit: number | null;
  /** How often it may have been asked before it was followed. */
  readonly missed: number;
}

const FOLLOWED = 128;
const LIMITED: readonly ViewerAnswer["answer"][] = ["issued", "renewed", "limit reached"]; // others ask without a limit

/**
 * The sessions most asked for, out of any number, in bounded memory: a space-saving counter (Metwally, 2005) that makes
 * room for many at once. One that takes 1/128 of all operations or more is followed, whatever the others do.
 */
export class BusiestSessions {
  #rows = new Map<string, Row>();
  /** No session that is not followed was asked more often. */
  #floor = 0;

  count({ key, name }: ViewerSessionName, isRefused: boolean, answer: ViewerAnswer | null): void {
    let row = this.#rows.get(key);
    if (!row) {
      if (this.#rows.size >= 2 * FOLLOWED) this.#makeRoom();
      row = { name, operations: 0, refused: 0, live: 0, limit: null, missed: this.#floor };
      this.#rows.set(key, row);
    }
    row.operations += 1;
    if (isRefused) row.refused += 1;
    if (answer === null) return;
    row.live = answer.active.length;
    if (LIMITED.includes(answer.answer)) row.limit = answer.limit;
  }

  /** The busiest first, at most so many. */
  top(most: number): BusySession[] {
    return [...this.#rows]
      .sort(([keyA, a], [keyB, b]) => b.operations - a.operations || (keyA < keyB ? -1 : 1))
      .slice(0, most)
      .map(([key, { missed: _missed, ...row }]) => ({ key, ...row }));
  }

  clear(): void {
    this.#rows.clear();
    this.#floor = 0;
  }

  #makeRoom(): void {
    const rows = [...this.#rows].sort(([, a], [, b]) => mostOf(b) - mostOf(a));
    this.#floor = rows[FOLLOWED] ? mostOf(rows[FOLLOWED][1]) : this.#floor;
    this.#rows = new Map(rows.slice(0, FOLLOWED));
  }
}

const mostOf = ({ operations, missed }: Row): number => operations + missed;
