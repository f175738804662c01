import type { DestinationUsage } from "../domain/usage.ts";

type Sums = Pick<DestinationUsage, "egressBytes" | "egressSeconds">;

/** What the relays of one publish have sent, per destination, all tries together; it only grows. */
export interface RelayUsage {
  /** The running try has sent this much so far. */
  count(destinationId: string, sums: Sums): void;
  /** The running try has ended with these sums. */
  book(destinationId: string, sums: Sums): void;
  of(destinationId: string): DestinationUsage;
  all(): DestinationUsage[];
}

const NONE: Sums = { egressBytes: 0, egressSeconds: 0 };

const add = (one: Sums, other: Sums): Sums => ({
  egressBytes: one.egressBytes + other.egressBytes,
  egressSeconds: one.egressSeconds + other.egressSeconds,
});

/** Starts at nothing sent. */
export function relayUsage(): RelayUsage {
  const ended = new Map<string, Sums>();
  const running = new Map<string, Sums>();
  const of = (destinationId: string): DestinationUsage => ({
    destinationId,
    ...add(ended.get(destinationId) ?? NONE, running.get(destinationId) ?? NONE),
  });
  return {
    count(destinationId, { egressBytes, egressSeconds }) {
      running.set(destinationId, { egressBytes, egressSeconds });
    },
    book(destinationId, sums) {
      ended.set(destinationId, add(ended.get(destinationId) ?? NONE, sums));
      running.delete(destinationId);
    },
    of,
    all: () => [...new Set([...ended.keys(), ...running.keys()])].map(of),
  };
}
