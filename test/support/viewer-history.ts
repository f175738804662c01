/** One request of a viewer and what it came to; times by one clock of the client's. */
export interface ViewerEvent {
  readonly session: string;
  readonly invokedAt: number;
  readonly answeredAt: number;
  /** The token that it showed; null where it asked for a new one. */
  readonly shown: string | null;
  /** The token that it got; null for a refusal; unknown where the answer was an error or never came. */
  readonly got: string | null | "unknown";
}

interface Rules {
  readonly limit: number;
  readonly expiryMs: number;
}

/** A live token: it ends somewhere between, for nobody knows when within a request the server looked at its clock. */
interface Live {
  readonly token: string;
  readonly earliestEnd: number;
  readonly latestEnd: number;
}

interface State {
  readonly live: readonly Live[];
  /** No later decision was made before this. */
  readonly notBefore: number;
}

const CLOCK_MS = 2; // servers' clocks count whole milliseconds
const LATE_MS = 5_000; // a request without an answer takes effect by then, or never

/**
 * The requests of one session that no order explains: one in which each takes effect between its call and its answer and
 * the session never has more live tokens than the limit. Null where there is an order. What has no answer may have taken
 * effect or not, and is only taken as an excuse for what others saw.
 */
export function unexplained(events: readonly ViewerEvent[], rules: Rules): readonly ViewerEvent[] | null {
  const known = events.filter(({ got }) => got !== "unknown").sort((a, b) => a.invokedAt - b.invokedAt);
  const object = sessionObject(
    rules,
    events.filter(({ got }) => got === "unknown"),
  );
  if (known.length === 0) return null;
  const done = new Uint8Array(known.length);
  const failed = new Set<string>();
  const path: { readonly taken: number; readonly before: State; readonly left: number[] }[] = [];
  let state: State = { live: [], notBefore: Number.NEGATIVE_INFINITY };
  let furthest = 0;
  let head = 0;
  let next = candidates(known, done, head);
  for (;;) {
    const taken = next.shift();
    if (taken === undefined) {
      failed.add(nameOf(head, done, state));
      const last = path.pop();
      if (!last) return known.slice(Math.max(0, furthest - 5), furthest + 5);
      done[last.taken] = 0;
      head = Math.min(head, last.taken);
      state = last.before;
      next = last.left;
      continue;
    }
    const after = object.apply(state, known[taken] as ViewerEvent);
    if (!after) continue;
    done[taken] = 1;
    const from = head;
    while (done[head] === 1) head += 1;
    if (failed.has(nameOf(head, done, after))) {
      done[taken] = 0;
      head = from;
      continue;
    }
    path.push({ taken, before: state, left: next });
    state = after;
    furthest = Math.max(furthest, head);
    if (path.length === known.length) return null;
    next = candidates(known, done, head);
  }
}

/** Which may come next: called before any that is left was answered; the first answered first. */
function candidates(events: readonly ViewerEvent[], done: Uint8Array, head: number): number[] {
  const found: number[] = [];
  let firstAnswer = Number.POSITIVE_INFINITY;
  for (let i = head; i < events.length; i++) {
    const { invokedAt, answeredAt } = events[i] as ViewerEvent;
    if (invokedAt > firstAnswer) break;
    if (done[i] === 1) continue;
    firstAnswer = Math.min(firstAnswer, answeredAt);
    found.push(i);
  }
  return found.sort((a, b) => (events[a] as ViewerEvent).answeredAt - (events[b] as ViewerEvent).answeredAt);
}

/** Where the search stands: what is taken, and the state. */
function nameOf(head: number, done: Uint8Array, { live, notBefore }: State): string {
  const taken: number[] = [];
  for (let i = head, gap = 0; i < done.length && gap < 200; i++, gap++)
    if (done[i] === 1) {
      taken.push(i);
      gap = 0;
    }
  const tokens = live.map(({ token, earliestEnd, latestEnd }) => `${token} ${earliestEnd} ${latestEnd}`).sort();
  return [head, taken.join(" "), notBefore, ...tokens].join(",");
}

/** What one request does to a session; null where it cannot have been answered so. */
function sessionObject({ limit, expiryMs }: Rules, unknown: readonly ViewerEvent[]) {
  /** With the renewals that may have been. */
  const latestEndOf = ({ token, latestEnd }: Live): number => {
    let end = latestEnd;
    for (const { shown, invokedAt } of unknown)
      if (shown === token && invokedAt < end) end = Math.max(end, invokedAt + LATE_MS + expiryMs);
    return end;
  };
  const creations = unknown.filter(({ shown }) => shown === null);
  const maybeCreated = (from: number, to: number) =>
    creations.filter(({ invokedAt }) => invokedAt <= to && invokedAt + LATE_MS + expiryMs > from).length;

  return {
    apply({ live: before, notBefore: floor }: State, { shown, got, invokedAt, answeredAt }: ViewerEvent): State | null {
      const notBefore = Math.max(floor, invokedAt);
      const live = before.filter((each) => latestEndOf(each) > notBefore - CLOCK_MS);
      const surely = live.filter(({ earliestEnd }) => earliestEnd > answeredAt);
      const token = got ?? "";
      const renewed = {
        token,
        earliestEnd: notBefore + expiryMs - CLOCK_MS,
        latestEnd: answeredAt + expiryMs + CLOCK_MS,
      };
      const same = { live, notBefore };
      if (shown === null) {
        if (got === null) return live.length + maybeCreated(notBefore, answeredAt) >= limit ? same : null;
        return surely.length < limit ? { live: [...live, renewed], notBefore } : null;
      }
      if (got === null) return surely.some((each) => each.token === shown) ? null : same;
      if (got !== shown || !live.some((each) => each.token === shown)) return null;
      return { live: [...live.filter((each) => each.token !== shown), renewed], notBefore };
    },
  };
}
