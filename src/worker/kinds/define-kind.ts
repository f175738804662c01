import { type ZodType, z } from "zod";
import { invalidInput } from "../../domain/errors.ts";
import type { TaskContext, TaskHandler } from "../../services/run-task.ts";

interface Kind<Payload> extends Omit<TaskHandler, "run"> {
  readonly payload: ZodType<Payload>;
  run(payload: Payload, context: TaskContext): Promise<unknown>;
}

/** A kind whose payload is checked before it runs: one that does not fit is INVALID_INPUT by its field. */
export const defineKind = <Payload>({ payload: schema, run, ...kind }: Kind<Payload>): TaskHandler => ({
  ...kind,
  async run(payload, context) {
    const parsed = schema.safeParse(payload);
    if (parsed.success) return run(parsed.data, context);
    throw invalidInput(
      "payload",
      `of a task of kind ${kind.kind} is not as it must be: ${z.prettifyError(parsed.error)}`,
    );
  },
});
