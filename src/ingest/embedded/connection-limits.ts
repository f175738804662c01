/** How many connections the ingest takes. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  /** From one address that have neither a publish nor a player accepted. */
  readonly maxPendingPerAddress: number;
}

/** One admitted connection's place. */
export interface Admission {
  /** It is somebody now: a publisher or a player that was accepted. Safe to repeat. */
  accept(): void;
  /** It is gone. Safe to repeat. */
  leave(): void;
}

/** Counts connections; `admit` gives null where there is no room. */
export function connectionGate({ maxConnections, maxPendingPerAddress }: ConnectionLimits) {
  const pending = new Map<string, number>();
  let connections = 0;
  const settle = (address: string) => {
    const left = (pending.get(address) ?? 0) - 1;
    if (left > 0) pending.set(address, left);
    else pending.delete(address);
  };
  return {
    admit(address: string): Admission | null {
      const waiting = pending.get(address) ?? 0;
      if (connections >= maxConnections || waiting >= maxPendingPerAddress) return null;
      connections += 1;
      pending.set(address, waiting + 1);
      let state: "pending" | "accepted" | "gone" = "pending";
      return {
        accept: () => {
          if (state !== "pending") return;
          state = "accepted";
          settle(address);
        },
        leave: () => {
          if (state === "gone") return;
          if (state === "pending") settle(address);
          state = "gone";
          connections -= 1;
        },
      };
    },
  };
}
