import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ViewerOperation, ViewerRules } from "../../src/domain/viewer-operation.ts";
import { decideViewer, decideViewers, type ViewerDecision } from "../../src/domain/viewer-rule.ts";
import {
  liveSession,
  MOST_ENDED,
  NO_DETAILS,
  NO_VIEWERS,
  publicIdOf,
  type ViewerSession,
} from "../../src/domain/viewer-session.ts";

const EXPIRY_MS = 30_000;
const SERVERS = 4;
const hashOf = (n: number) => n.toString(16).padStart(16, "0").padEnd(32, "0");
const idOf = (n: number) => publicIdOf({ tokenHash: hashOf(n) });

const device = fc.constantFrom(null, "tv", "phone");
const rules = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  expiryMs: fc.constant(EXPIRY_MS),
  perDevice: fc.constantFrom(null, 1, 2),
  perContent: fc.constantFrom(null, 1),
  policy: fc.constantFrom("reject", "evict-oldest", "evict-named"),
}) satisfies fc.Arbitrary<ViewerRules>;

/** Anything that may be asked, of few tokens, so that they meet. */
const operationUnder = (rulesOf: fc.Arbitrary<ViewerRules>): fc.Arbitrary<ViewerOperation> => {
  const token = fc.nat(9);
  const tokenHash = token.map(hashOf);
  const by = fc.constant({ publicId: null, device: null, label: "operator", address: null });
  const details = fc.record({ device, content: device }).map((said) => ({ ...NO_DETAILS, ...said }));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("create"),
        rules: rulesOf,
        tokenHash,
        details,
        evict: fc.option(token.map(idOf)),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("refresh"), rules: rulesOf, tokenHash }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("stop"), rules: rulesOf, which: fc.record({ tokenHash }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("evict"),
        rules: rulesOf,
        publicId: token.map(idOf),
        by,
        note: fc.constant(null),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("list"), rules: rulesOf }) },
  ) as fc.Arbitrary<ViewerOperation>;
};

describe("any run of operations", () => {
  const steps = fc.array(
    fc.record({ operation: operationUnder(rules), passMs: fc.integer({ min: -500, max: 15_000 }) }),
    {
      maxLength: 60,
      size: "max",
    },
  );

  it("leaves no more entries than the limit, says what it did, and takes no life but where it says so", () => {
    fc.assert(
      fc.property(steps, (run) => {
        let session: ViewerSession = NO_VIEWERS;
        let now = 1_000_000;
        for (const { operation, passMs } of run) {
          now += passMs; // time may step back: servers' clocks differ
          const { limit } = operation.rules;
          const before = liveSession(session, now, limit);
          const { session: after, answer } = decideViewer(session, operation, now);

          if (after !== session) {
            expect(after.tokens.length).toBeLessThanOrEqual(limit);
            expect(after.ended.length).toBeLessThanOrEqual(MOST_ENDED);
            expect(answer.active).toBe(after.tokens);
          } else expect(answer.active).toEqual(before.tokens);
          expect(new Set(after.tokens.map(publicIdOf)).size).toBe(after.tokens.length);
          for (const { tokenHash } of after.ended)
            expect(after.tokens.map((each) => each.tokenHash)).not.toContain(tokenHash);

          const gone = before.tokens.filter(
            (each) => !answer.active.some(({ tokenHash }) => tokenHash === each.tokenHash),
          );
          const said =
            answer.answer === "issued"
              ? answer.evicted
              : answer.answer === "ended" && after !== session
                ? [answer.ended]
                : [];
          expect(gone.map(publicIdOf).sort()).toEqual(said.map(publicIdOf).sort());
          if (answer.answer === "issued" || answer.answer === "renewed") {
            expect(answer.active).toContain(answer.token);
            if (after !== session) expect(answer.token.expiresAt).toBe(now + EXPIRY_MS);
          }
          session = after;
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is the same folded as one by one", () => {
    fc.assert(
      fc.property(fc.array(operationUnder(rules), { maxLength: 30, size: "max" }), (operations) => {
        let session: ViewerSession = NO_VIEWERS;
        const answers = operations.map((operation) => {
          const decision = decideViewer(session, operation, 1_000_000);
          session = decision.session;
          return decision.answer;
        });

        expect(decideViewers(NO_VIEWERS, operations, 1_000_000)).toEqual({ session, answers });
      }),
    );
  });

  it("bears to be asked again: the second time changes nothing, and takes back nothing", () => {
    fc.assert(
      fc.property(fc.array(operationUnder(rules), { minLength: 1, maxLength: 30, size: "max" }), (operations) => {
        const { session } = decideViewers(NO_VIEWERS, operations.slice(0, -1), 1_000_000);
        const last = operations.at(-1) as ViewerOperation;

        const first = decideViewer(session, last, 1_000_000);
        const again = decideViewer(first.session, last, 1_000_000);

        expect(again.session).toEqual(first.session);
        expect(again.answer.answer).toBe(first.answer.answer);
      }),
    );
  });
});

/** What may happen at a server, or to time. */
type Event =
  | { readonly what: "ask"; readonly server: number; readonly operation: ViewerOperation }
  | { readonly what: "write" | "crash"; readonly which: number }
  | { readonly what: "pass"; readonly ms: number };

interface Asked {
  readonly server: number;
  readonly operation: ViewerOperation;
  readonly askedAt: number;
  seenRevision: number;
  decision: ViewerDecision;
}

/** Servers over one key that is compared and put; each decides by its own clock, on what it read, and writes whenever it comes to it. */
class World {
  now = 1_000_000;
  revision = 0;
  session = NO_VIEWERS;
  /** When each viewer's token ends at the earliest, as that viewer reckons: from when it asked. */
  readonly believed = new Map<string, number>();
  readonly #asked: Asked[] = [];
  readonly #skewsMs: readonly number[];

  constructor(skewsMs: readonly number[]) {
    this.#skewsMs = skewsMs;
  }

  do(event: Event): void {
    if (event.what === "pass") this.now += event.ms;
    else if (event.what === "ask") this.#ask(event.server, event.operation);
    else if (event.what === "crash") this.#asked.splice(event.which % (this.#asked.length || 1), 1);
    else this.#write(event.which);
  }

  #decide(server: number, operation: ViewerOperation): ViewerDecision {
    return decideViewer(this.session, operation, this.now + (this.#skewsMs[server] ?? 0));
  }

  #ask(server: number, operation: ViewerOperation): void {
    const decision = this.#decide(server, operation);
    this.#asked.push({ server, operation, askedAt: this.now, seenRevision: this.revision, decision });
  }

  #write(which: number): void {
    const asked = this.#asked[which % (this.#asked.length || 1)];
    if (!asked) return;
    if (asked.seenRevision !== this.revision) {
      asked.seenRevision = this.revision;
      asked.decision = this.#decide(asked.server, asked.operation);
      return;
    }
    this.#asked.splice(this.#asked.indexOf(asked), 1);
    const { session, answer } = asked.decision;
    if (session !== this.session) {
      this.session = session;
      this.revision += 1;
    }
    if (answer.answer === "renewed" || (answer.answer === "issued" && !answer.isRepeat))
      this.believed.set(answer.token.tokenHash, asked.askedAt + EXPIRY_MS);
    if (answer.answer === "ended") this.believed.delete(answer.ended.tokenHash);
  }
}

describe("servers whose clocks differ, and that crash between reading and writing", () => {
  const LIMIT = 3;
  const fixed = fc.constant<ViewerRules>({
    limit: LIMIT,
    expiryMs: EXPIRY_MS,
    perDevice: null,
    perContent: null,
    policy: "reject",
  });
  const server = fc.nat(SERVERS - 1);
  const creates = fc.record({
    ...{ do: fc.constant("create"), rules: fixed, tokenHash: fc.nat(999).map(hashOf) },
    ...{ details: fc.constant(NO_DETAILS), evict: fc.constant(null) },
  });
  const operations = fc.oneof(operationUnder(fixed), creates as fc.Arbitrary<ViewerOperation>);
  const passes = fc.oneof(fc.integer({ min: 1, max: 16_000 }), fc.constantFrom(400, 28_500, 29_100, 30_000));
  const events = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ what: fc.constant("ask"), server, operation: operations }) },
      { weight: 6, arbitrary: fc.record({ what: fc.constant("write"), which: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant("crash"), which: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant("pass"), ms: passes }) },
    ) as fc.Arbitrary<Event>,
    { maxLength: 120, size: "max" },
  );
  const skews = (ms: number) => fc.array(fc.integer({ min: -ms, max: ms }), { minLength: SERVERS, maxLength: SERVERS });

  it("never keep more entries than the limit, with clocks up to 20 s apart", () => {
    fc.assert(
      fc.property(skews(10_000), events, (skewsMs, run) => {
        const world = new World(skewsMs);
        let most = 0;
        for (const event of run) {
          world.do(event);
          most = Math.max(most, world.session.tokens.length);
        }
        expect(most).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 200 },
    );
  });

  it("never have more live viewers than the limit, with clocks within 1 s of each other", () => {
    fc.assert(
      fc.property(skews(500), events, (skewsMs, run) => {
        const world = new World(skewsMs);
        let most = 0;
        for (const event of run) {
          world.do(event);
          // A viewer renews a second before its end or earlier, so it counts on no more than that.
          const live = [...world.believed.values()].filter((endsAt) => endsAt - 1_000 > world.now);
          most = Math.max(most, live.length);
        }
        expect(most).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 200 },
    );
  });
});
