import { RigError } from "../domain/errors.ts";
import type { ClockBoard, SaidClock } from "../services/compare-clocks.ts";
import type { Etcd } from "./client.ts";
import { inform } from "./informer.ts";
import { fromJson, toJson } from "./json-value.ts";
import { get, type KeyValue, type Operation, put } from "./operation.ts";

const ROUNDS = 8; // so many others may come first

/** One key, written by each server in turn and followed by all. */
export function etcdClockBoard(etcd: Etcd): ClockBoard {
  const key = etcd.keys.clock;
  let seenRevision = 0;
  return {
    async say(said) {
      for (let round = 0; round < ROUNDS; round++) {
        const found = await etcd.commit(write(key, seenRevision, toJson({ ...said })));
        if (found === "written") return;
        seenRevision = found?.modRevision ?? 0;
      }
      throw new RigError("CONFLICT", "etcd: other servers tell their clocks at the same time");
    },
    follow: (onSaid, signal) =>
      inform(
        etcd,
        etcd.keys.clocks,
        {
          onPut(entry) {
            seenRevision = entry.modRevision;
            const said = decode(entry);
            if (said) onSaid(said);
          },
          onDelete() {
            seenRevision = 0;
          },
        },
        signal,
      ),
  };
}

const write = (key: string, modRevision: number, value: Buffer): Operation<"written" | KeyValue | null> => ({
  what: "tell the clock",
  when: [{ key, modRevision }],
  apply: [put(key, value)],
  otherwise: [get(key)],
  answer: ({ succeeded, found }) => (succeeded || found[0]?.value.equals(value) ? "written" : (found[0] ?? null)),
  settle: async () => ({ was: "applied", value: "written" }), // whether or not: the next round says it anew
});

/** Null for what another hand wrote. */
function decode({ value }: KeyValue): SaidClock | null {
  const { serverId, at, upMs } = fromJson(value) ?? {};
  const isSaid = typeof serverId === "string" && Number.isFinite(at) && Number.isFinite(upMs);
  return isSaid ? { serverId, at: at as number, upMs: upMs as number } : null;
}
