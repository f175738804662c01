import { invalidInput, RigError } from "../domain/errors.ts";
import type { Footprint, Operation } from "./operation.ts";

/** The most that one outer transaction carries; an operation that is larger on its own is refused at once. */
export const OUTER = {
  parts: 96, // of etcd's 128, which the operations inside a part share: 96 + 28 fits
  partSteps: 28, // compares, or operations of one branch, in one part
  requestBytes: 1024 * 1024, // etcd takes 1.5 MiB
  answerBytes: 2 * 1024 * 1024, // far from the 16 MiB that we receive: past those a transaction is applied that its client sees fail
} as const;

const KEY_BYTES = 4_096; // three segments of 200 characters and a prefix are 2,500 at most

const ASCII = /^[ -~]*$/; // nearly all are, and the other look takes five times as long
const HALF_A_PAIR = /\p{Cs}/u; // of surrogates: written as U+FFFD, like any other half

/** @throws RigError INVALID_INPUT for a key that etcd would not keep as it is spelt */
export function checkKey(key: string): void {
  if (key === "" || key.length > KEY_BYTES)
    throw invalidInput("key", `must have 1 to ${KEY_BYTES} characters, got ${key.length}`);
  if (!ASCII.test(key) && HALF_A_PAIR.test(key))
    throw invalidInput("key", `must be valid UTF-8, got ${JSON.stringify(key)}`);
}

/** @throws RigError PAYLOAD_TOO_LARGE for an operation that fits no outer transaction, INVALID_INPUT for one of its keys */
export function checkSize(operation: Operation<unknown>, footprint: Footprint): void {
  for (const key of footprint.reads) checkKey(key);
  for (const key of footprint.writes) checkKey(key);
  const { what, when, apply, otherwise = [], guard } = operation;
  const tooLarge = (reason: string) => new RigError("PAYLOAD_TOO_LARGE", `etcd: ${what}: ${reason}`);
  const steps = Math.max(when.length, apply.length, otherwise.length) + (guard ? 1 : 0);
  if (steps > OUTER.partSteps) throw tooLarge(`${steps} compares or steps, at most ${OUTER.partSteps} are possible`);
  if (footprint.requestBytes > OUTER.requestBytes)
    throw tooLarge(
      `${footprint.requestBytes} bytes, at most ${OUTER.requestBytes} are possible${largestValue(operation)}`,
    );
  if (footprint.answerBytes > OUTER.answerBytes)
    throw tooLarge(`an answer of up to ${footprint.answerBytes} bytes, at most ${OUTER.answerBytes} are possible`);
}

function largestValue({ apply, otherwise = [] }: Operation<unknown>): string {
  const puts = [...apply, ...otherwise].flatMap((step) => (step.do === "put" ? [step] : []));
  const largest = puts.sort((a, b) => b.value.length - a.value.length)[0];
  return largest ? `; the value of ${largest.key} has ${largest.value.length}` : "";
}
