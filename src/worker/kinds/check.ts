import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { TaskHandler } from "../../services/run-task.ts";
import { defineKind } from "./define-kind.ts";

const payload = z.strictObject({
  /** Answered as its result. */
  message: z.string().max(1_000).default("ok"),
  /** How long it runs. */
  seconds: z.number().min(0).max(3_600).default(0),
  /** Fails with this message. */
  fail: z.string().max(200).optional(),
});

const STEPS = 20; // words of progress

/** For operators: a task that proves that the queue and a worker work, and how they behave when it is slow or fails. */
export const checkKind = (clock: Clock): TaskHandler =>
  defineKind({
    kind: "check",
    timeoutMs: 3_700_000,
    payload,
    async run({ message, seconds, fail }, { signal, progress }) {
      for (let step = 1; step <= STEPS && seconds > 0; step++) {
        await clock.sleep((seconds * 1_000) / STEPS, signal);
        signal.throwIfAborted();
        await progress((100 * step) / STEPS, `step ${step} of ${STEPS}`);
      }
      if (fail !== undefined) throw new RigError("CHECK_FAILED", fail);
      return { message };
    },
  });
