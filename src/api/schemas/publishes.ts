import { z } from "zod";
import { USAGE_LIMITS } from "../../domain/usage.ts";
import { count, id, seconds, secret, text } from "./common.ts";
import { destinationSchema } from "./destinations.ts";

const targetSchema = z.object({ destination: destinationSchema, destinationKey: secret(1024) }).meta({ id: "Target" });

/** What an agent tells of somebody who wants to publish. */
export const publishAttemptSchema = z.strictObject({
  streamKey: secret(512),
  ingestInstance: text(128),
  clientId: text(128),
  clientAddress: text(64),
});

export const publishGrantSchema = z
  .object({
    publishId: id,
    streamId: id,
    userId: id,
    revision: count,
    targets: z.array(targetSchema).readonly(),
    creditUntilSeconds: seconds.nullable(),
    creditSeq: count,
  })
  .meta({ id: "PublishGrant" });

export const targetsSchema = z
  .object({ revision: count, targets: z.array(targetSchema).readonly() })
  .meta({ id: "Targets" });

export const publishParams = z.strictObject({ publishId: id });

export const publishEndSchema = z.strictObject({
  reason: z.enum([
    "unpublished",
    "disconnected",
    "idle",
    "dropped",
    "claim lost",
    "unconfirmed",
    "agent stopped",
    "orphaned",
  ]),
});

const usageReportSchema = z.strictObject({
  publishId: id,
  liveSeconds: seconds,
  ingestBytes: count,
  destinations: z
    .array(z.strictObject({ destinationId: id, egressSeconds: seconds, egressBytes: count }))
    .max(USAGE_LIMITS.destinations)
    .readonly(),
  end: text(64).nullable(),
});

/** Cumulative counters; the whole batch may be sent twice. */
export const usageReportsSchema = z.strictObject({
  reports: z.array(usageReportSchema).max(USAGE_LIMITS.reports).readonly(),
});

const usageAnswerSchema = z
  .object({
    publishId: id,
    known: z.boolean(),
    revision: count,
    drop: z.string().nullable(),
    creditUntilSeconds: seconds.nullable(),
    creditSeq: count,
  })
  .meta({ id: "UsageAnswer" });

export const usageAnswersSchema = z
  .object({ answers: z.array(usageAnswerSchema).readonly() })
  .meta({ id: "UsageAnswers" });

/** An agent as it announces itself. */
export const agentSchema = z
  .object({
    agentId: id,
    state: z.enum(["ready", "draining"]),
    region: z.string(),
    cluster: z.string(),
    slots: z.object({ total: count, used: count }),
    ingestUrl: z.string(),
    apiUrl: z.string(),
    version: z.string(),
  })
  .meta({ id: "Agent" });
