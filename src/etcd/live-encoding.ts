import type { LivePublish } from "../domain/live.ts";
import type { RelayReason, RelayState, RelayStatus } from "../domain/relay.ts";
import { ByteReader, ByteWriter } from "./byte-codec.ts";

/** Longest value of one page of `live/`. */
export const PAGE_BYTES = 64 * 1024;

// These numbers are what stands in etcd: add new ones, change none.
const STATE_CODES: Readonly<Record<RelayState, number>> = {
  starting: 0,
  pushing: 1,
  waiting: 2,
  rejected: 3,
  stopped: 4,
};
const NO_REASON = 0;
const REASON_CODES: Readonly<Record<RelayReason, number>> = {
  "unknown host": 1,
  "address refused": 2,
  "connection refused": 3,
  timeout: 4,
  tls: 5,
  "in use": 6,
  rejected: 7,
  stalled: 8,
  "no video": 9,
  codec: 10,
  "source gone": 11,
  crashed: 12,
  closed: 13,
};
const STATES = named(STATE_CODES);
const REASONS = named(REASON_CODES);

function named<Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.keys(codes) as Name[]).map((name) => [codes[name], name]));
}

const VERSION = 1;

/**
 * What an agent does, as pages of at most 64 KiB: at most 96 bytes a publish and 64 a relay where ids are ULIDs.
 * Rates are rounded to whole bits per second, speed to thousandths.
 */
export function encodeLive(publishes: readonly LivePublish[]): Buffer[] {
  const pages: Buffer[] = [];
  let page: Buffer[] = [Buffer.of(VERSION)];
  let bytes = 1;
  for (const publish of publishes) {
    const encoded = encodePublish(publish);
    if (bytes + encoded.length > PAGE_BYTES && page.length > 1) {
      pages.push(Buffer.concat(page));
      page = [Buffer.of(VERSION)];
      bytes = 1;
    }
    page.push(encoded);
    bytes += encoded.length;
  }
  if (page.length > 1) pages.push(Buffer.concat(page));
  return pages;
}

/** The publishes on one page; none where another version wrote it, or it is broken. */
export function decodeLive(page: Buffer, agentId: string): LivePublish[] {
  const reader = new ByteReader(page);
  const publishes: LivePublish[] = [];
  try {
    if (reader.byte() !== VERSION) return [];
    while (!reader.done) publishes.push(decodePublish(reader, agentId));
  } catch {
    return []; // not written by encodeLive: as good as absent, its owner writes it anew
  }
  return publishes;
}

function encodePublish(publish: LivePublish): Buffer {
  const writer = new ByteWriter();
  writer.id(publish.publishId);
  writer.id(publish.streamId);
  writer.number(publish.startedAt);
  writer.number(publish.ingestBytes);
  writer.number(publish.ingestBps);
  writer.number(publish.lostFrames);
  writer.number(publish.relays.length);
  for (const relay of publish.relays) encodeRelay(writer, relay, publish.startedAt);
  return writer.end();
}

function decodePublish(reader: ByteReader, agentId: string): LivePublish {
  const publish = {
    publishId: reader.id(),
    streamId: reader.id(),
    agentId,
    startedAt: reader.number(),
    ingestBytes: reader.number(),
    ingestBps: reader.number(),
    lostFrames: reader.number(),
  };
  const relays = Array.from({ length: reader.number() }, () => decodeRelay(reader, publish.startedAt));
  return { ...publish, relays };
}

/** State and reason share a byte; what may be null is one more than its value, or 0. Instants count from the publish's start. */
function encodeRelay(writer: ByteWriter, relay: RelayStatus, startedAt: number): void {
  writer.id(relay.destinationId);
  writer.byte((STATE_CODES[relay.state] << 5) | (relay.reason === null ? NO_REASON : REASON_CODES[relay.reason]));
  writer.number(relay.attempt);
  writer.number(relay.nextRetryAt === null ? 0 : relay.nextRetryAt - startedAt + 1);
  writer.number(relay.egressBytes);
  writer.number(relay.bps);
  writer.number(relay.speed === null ? 0 : relay.speed * 1_000 + 1);
  writer.number(relay.lostFrames);
  writer.number(relay.since);
}

function decodeRelay(reader: ByteReader, startedAt: number): RelayStatus {
  const destinationId = reader.id();
  const both = reader.byte();
  const attempt = reader.number();
  const retry = reader.number();
  const egressBytes = reader.number();
  const bps = reader.number();
  const speed = reader.number();
  return {
    destinationId,
    state: STATES.get(both >> 5) ?? "stopped",
    reason: REASONS.get(both & 31) ?? null,
    attempt,
    nextRetryAt: retry === 0 ? null : startedAt + retry - 1,
    egressBytes,
    bps,
    speed: speed === 0 ? null : (speed - 1) / 1_000,
    lostFrames: reader.number(),
    since: reader.number(),
  };
}
