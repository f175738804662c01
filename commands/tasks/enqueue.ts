import { invalidInput, RigError } from "../../src/domain/errors.ts";
import { TASK_LIMITS, type TaskOrder } from "../../src/domain/task.ts";
import { printOne, type View } from "../../src/runtime/cli/output.ts";
import { readDuration, readWhole } from "../../src/runtime/cli/read-number.ts";
import { readTextInput } from "../../src/runtime/cli/text-input.ts";
import type { Enqueued } from "../../src/services/tasks.ts";
import type { GlobalOptions } from "../global-options.ts";
import { withContext } from "../with-context.ts";

/** All as typed. */
interface EnqueueOptions extends GlobalOptions {
  readonly payload?: string;
  readonly payloadFile?: string;
  readonly id?: string;
  readonly priority?: string;
  readonly delay?: string;
  readonly dedupeKey?: string;
  readonly dedupe?: string;
  readonly maxAttempts?: string;
}

const SHOWN_CHARS = 40; // of a payload that is no JSON
const FILE_BYTES = 4 * TASK_LIMITS.payloadBytes; // a payload may be written with much space

/** `rig tasks enqueue KIND --payload JSON | --payload-file FILE|- [--id ID] [--priority N] [--delay 5m] …` */
export async function run(options: EnqueueOptions, kind: string): Promise<void> {
  const order = { kind, ...readFlags(options), payload: await readPayload(options) };
  const enqueued = await withContext(options, ({ tasks, actor }) => tasks.enqueue(order, actor));
  await printOne(enqueued, enqueuedView, options);
}

function readFlags({ id, priority, delay, dedupeKey, dedupe, maxAttempts }: EnqueueOptions): Partial<TaskOrder> {
  if (dedupe !== undefined && dedupeKey === undefined)
    throw new RigError("INVALID_INPUT", "--dedupe belongs to --dedupe-key");
  return {
    ...(id !== undefined && { id }),
    ...(priority !== undefined && { priority: readWhole("--priority", priority, 0, TASK_LIMITS.priorities - 1) }),
    ...(delay !== undefined && { delayMs: readDuration("--delay", delay) }),
    ...(dedupeKey !== undefined && { dedupeKey }),
    ...(dedupe !== undefined && { dedupeMs: readDuration("--dedupe", dedupe) }),
    ...(maxAttempts !== undefined && {
      policy: { maxAttempts: readWhole("--max-attempts", maxAttempts, 1, TASK_LIMITS.attempts) },
    }),
  };
}

async function readPayload({ payload, payloadFile }: EnqueueOptions): Promise<unknown> {
  if (payload !== undefined && payloadFile !== undefined)
    throw new RigError("INVALID_INPUT", "--payload and --payload-file exclude each other");
  if (payload !== undefined) return parse(payload, "--payload");
  if (payloadFile !== undefined)
    return parse(await readTextInput(payloadFile, "--payload-file", FILE_BYTES), "--payload-file");
  throw new RigError("MISSING_INPUT", "a task needs --payload or --payload-file", {
    hint: "For one without anything to say: --payload null",
  });
}

function parse(text: string, flag: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const shown = text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
    const fault = invalidInput(flag, `must be JSON, got ${JSON.stringify(shown)}`);
    throw new RigError(fault.code, fault.message, { cause: error, faults: fault.faults });
  }
}

const enqueuedView: View<Enqueued> = {
  columns: [
    { head: "TASK", cell: ({ id }) => id },
    { head: "ENQUEUED", cell: ({ created }) => (created ? "yes" : "no: it is there already") },
  ],
  json: (row) => row,
  name: ({ id }) => id,
};
