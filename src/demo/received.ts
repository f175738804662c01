import type { PacketIdentity } from "./packet-identity.ts";

/** A frame that reached a sink. */
export interface ReceivedPacket extends PacketIdentity {
  /** On the monotonic clock, ms. */
  readonly receivedAt: number;
}

/** All that one sink saw: a list for each publish that reached it. */
export interface SinkRecord {
  readonly publishes: readonly (readonly ReceivedPacket[])[];
}

/** The longest time without a packet between the first and the last, ms. */
export function largestGapMs(packets: readonly ReceivedPacket[]): number {
  let largest = 0;
  for (const [index, { receivedAt }] of packets.entries())
    largest = Math.max(largest, receivedAt - (packets[index - 1]?.receivedAt ?? receivedAt));
  return largest;
}
