import type { Clock } from "../../domain/clock.ts";
import type { IngestHandlers, PublishDecision, PublishRequest } from "../../services/ingest.ts";

const LATE: PublishDecision = { accepted: false, code: "OVERLOADED", message: "no decision in time, try again" };
const GONE: PublishDecision = { accepted: false, code: "OVERLOADED", message: "the publisher left" };

/** What a decision needs besides the request. */
export interface DecisionPorts {
  readonly handlers: IngestHandlers;
  readonly clock: Clock;
  /** After this time the answer is no, and the handler's signal aborts. */
  readonly limitMs: number;
}

/**
 * Asks the handlers, for `limitMs` at most and while the publisher is there. A yes that comes after that is told to
 * them as an ended publish. Never rejects.
 */
export async function decidePublish(
  request: PublishRequest,
  { handlers, clock, limitMs }: DecisionPorts,
  left: AbortSignal,
): Promise<PublishDecision> {
  const late = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([left, late.signal]);
  let isOver = false;
  const asked = handlers.decide(request, signal).then((decision) => {
    if (isOver && decision.accepted) handlers.ended(request, "disconnected");
    return decision;
  });
  const aborted = new Promise<PublishDecision>((resolve) => {
    signal.addEventListener("abort", () => resolve(late.signal.aborted ? LATE : GONE), { once: true });
    if (signal.aborted) resolve(GONE);
  });
  void clock.sleep(limitMs, over.signal).then(() => {
    if (!over.signal.aborted) late.abort();
  });
  try {
    return await Promise.race([asked, aborted]);
  } finally {
    isOver = true;
    over.abort();
  }
}
