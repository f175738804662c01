import { z } from "zod";
import { checkTitle } from "../../domain/stream.ts";
import { count, id, instant, ruled, secret } from "./common.ts";

const relaySchema = z
  .object({
    destinationId: id,
    state: z.enum(["starting", "pushing", "waiting", "rejected", "stopped"]),
    reason: z
      .enum([
        "unknown host",
        "address refused",
        "connection refused",
        "timeout",
        "tls",
        "in use",
        "rejected",
        "stalled",
        "no video",
        "codec",
        "source gone",
        "closed",
        "crashed",
      ])
      .nullable(),
    attempt: count,
    nextRetryAt: instant.nullable(),
    egressBytes: count,
    bps: z.number(),
    speed: z.number().nullable(),
    lostFrames: count,
    since: instant,
  })
  .meta({ id: "Relay" });

const livePublishSchema = z
  .object({
    id,
    agentId: id,
    startedAt: instant,
    ingestBytes: count,
    ingestBps: z.number(),
    lostFrames: count,
  })
  .meta({ id: "LivePublish" });

/** A stream joined with what it does now. */
export const streamStatusSchema = z
  .object({
    id,
    title: z.string(),
    username: z.string(),
    live: z.boolean(),
    publish: livePublishSchema.nullable(),
    relays: z.array(relaySchema).readonly(),
  })
  .meta({ id: "StreamStatus" });

/** A new stream; the stream key is in this answer and nowhere else ever again. */
export const addedStreamSchema = z
  .object({
    id,
    userId: id,
    title: z.string(),
    createdAt: instant,
    revision: count,
    streamKey: secret(200),
  })
  .meta({ id: "AddedStream" });

/** `userId` is the user's id or username. */
export const newStreamSchema = z.strictObject({ userId: id, title: ruled(checkTitle) });

export const streamParams = z.strictObject({ streamId: id });

/** Of one user only: id or username. */
export const streamsQuery = z.strictObject({ user: id.exactOptional() });

export const newStreamKeySchema = z.object({ streamKey: secret(200) }).meta({ id: "NewStreamKey" });

/** False where the stream was not live. */
export const droppedSchema = z.object({ dropped: z.boolean() }).meta({ id: "Dropped" });
