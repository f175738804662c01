import { z } from "zod";
import { count, id, seconds } from "./common.ts";

/** What a user used in one period. */
export const userUsageSchema = z
  .object({
    userId: id,
    username: z.string(),
    period: z.string(),
    liveSeconds: seconds,
    ingestBytes: count,
    egressSeconds: seconds,
    egressBytes: count,
  })
  .meta({ id: "UserUsage" });

/** A calendar month in UTC, the present one where it is not given; of all users, or of one by id or username. */
export const usageQuery = z.strictObject({
  period: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "must be a month such as 2026-11")
    .exactOptional(),
  user: id.exactOptional(),
});
