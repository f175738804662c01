import type { CallOptions } from "@grpc/grpc-js";
import type { LeaseClient } from "etcd3";
import { hangUp } from "./hang-up.ts";

/** Keeps leases alive over one stream. */
export interface KeepAliveStream {
  /** Asks once; each answer comes by `onAnswer`. */
  ask(leaseId: string): void;
  /** TTL in seconds; 0 for a lease that is gone. */
  onAnswer: ((leaseId: string, ttlSeconds: number) => void) | null;
  onEnd: ((error: unknown) => void) | null;
  /** No more calls after this. Safe to repeat. */
  end(): void;
  /** Ends it as one that did not answer: the next stream goes to another member. */
  abandon(): void;
}

/** Opens a keep-alive stream; it tells nothing by itself. `onTrouble` hears of its breaking and its being abandoned. */
export async function openKeepAlive(
  client: LeaseClient,
  onTrouble: () => void,
  options: CallOptions,
): Promise<KeepAliveStream> {
  const stream = await client.leaseKeepAlive(options);
  let over = false;
  const end = (error?: unknown) => {
    if (over) return;
    over = true;
    hangUp(stream);
    if (!error) return;
    onTrouble();
    opened.onEnd?.(error);
  };
  const opened: KeepAliveStream = {
    ask: (leaseId) => stream.write({ ID: leaseId }),
    onAnswer: null,
    onEnd: null,
    end: () => end(),
    abandon: () => end(new Error("no answer in time")),
  };
  stream
    .on("data", (answer) => !over && opened.onAnswer?.(String(answer.ID), Number(answer.TTL)))
    .on("error", (error) => end(error))
    .on("end", () => end(new Error("keep-alive stream ended")));
  return opened;
}
