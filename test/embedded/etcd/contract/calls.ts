import type { Message, RawClient } from "../raw-client.ts";

/** Bytes from one character each. */
export const b = (text: string): Buffer => Buffer.from(text, "latin1");
/** And back. */
export const text = (bytes: Buffer): string => bytes.toString("latin1");
export const keysOf = (response: Message): string[] => response.kvs.map(({ key }: Message) => text(key));
export const revisionOf = (response: Message): number => Number(response.header.revision);

/** What a call was refused with; null where it was not. */
export const refusal = (call: Promise<Message>): Promise<{ code: number; details: string } | null> =>
  call.then(
    () => null,
    ({ code, details }: Message) => ({ code, details }),
  );

/** All keys that begin with this, which ends in "/". */
export const prefix = (start: string) => ({ key: b(start), range_end: b(`${start.slice(0, -1)}0`) }); // "0" follows "/"

let nextFolder = 0;

/** A prefix for the keys of one test. */
export const folder = (): string => `t${++nextFolder}/`;

/** The calls that most tests make. The client is there once the suite has begun. */
export const callsOf = (client: () => RawClient) => ({
  call: (path: string, request: object) => client().call(path, request),
  put: (key: string, value = "", more = {}) => client().call("KV.Put", { key: b(key), value: b(value), ...more }),
  get: (key: string, more = {}) => client().call("KV.Range", { key: b(key), ...more }),
  list: (start: string, more = {}) => client().call("KV.Range", { ...prefix(start), ...more }),
  watch: () => client().watch(),
  keepAlive: () => client().keepAlive(),
});

export type Calls = ReturnType<typeof callsOf>;
