import { describe, expect, it } from "vitest";
import type { Etcd } from "../../src/etcd/client.ts";
import { etcdKeys } from "../../src/etcd/keys.ts";
import type { Operation } from "../../src/etcd/operation.ts";
import type { ProcessLease } from "../../src/etcd/process-lease.ts";
import { announceViewerServer, etcdViewerServers } from "../../src/etcd/viewer-servers.ts";
import type { ViewerSummary } from "../../src/services/viewer-servers.ts";
import { busySession, someCounts, viewerServer } from "../support/some-viewer-servers.ts";

const AT = 1_700_000_000_000;
const SERVER = "vm:4711:7K2QXM";
const KEY = etcdKeys("/t/").viewerServer(SERVER);

/** What is read of what a server with this summary wrote, and how long that was. */
async function announced(summary: ViewerSummary) {
  let [key, value] = ["", Buffer.alloc(0)];
  const lease = { processId: "vm:01J", guard: () => ({ leaseId: "7" }), onBeat: () => () => {} };
  const etcd = {
    ...{ keys: etcdKeys("/t/"), get: async () => null },
    async commit({ apply, answer }: Operation<unknown>) {
      ({ key, value } = apply[0] as { key: string; value: typeof value });
      return answer({ succeeded: true, revision: 1, found: [] });
    },
  };
  const said = { lease: lease as unknown as ProcessLease, serverId: SERVER, summary: () => summary };
  await announceViewerServer(etcd as unknown as Etcd, said).written;
  return { key, bytes: value.length, servers: await read(value) };
}

const read = (value: Buffer | string) =>
  etcdViewerServers({
    keys: etcdKeys("/t/"),
    list: async () => ({ entries: [{ key: KEY, value: Buffer.from(value) }] }),
  } as unknown as Etcd).list();

describe("a server of viewer tokens in etcd", () => {
  it("is read as it was announced", async () => {
    const { serverId: _said, ...summary } = viewerServer("", AT, {
      counts: someCounts({ sessionFull: 5 }),
      busiest: [busySession("eve"), busySession("é\u001b[2J"), { ...busySession("x"), name: null, limit: null }],
    });

    expect(await announced(summary)).toMatchObject({ key: KEY, servers: [{ serverId: SERVER, ...summary }] });
  });

  it.each([
    ["plain", "x", 16],
    ["control characters, six bytes each in JSON", "\u0001", 6],
    ["pairs of surrogates", "\u{1f600}", 10],
  ])("takes at most 4 KiB, with long names of %s", async (_what, character, atLeast) => {
    const name = character.repeat(100);
    const busiest = Array.from({ length: 16 }, (_, n) => busySession(name, { key: String(n).padStart(64, "0") }));
    const { serverId: _said, ...summary } = viewerServer("", AT, { busiest });

    const { bytes, servers } = await announced(summary);

    expect(bytes).toBeLessThanOrEqual(4_096);
    const kept = servers[0]?.recent.busiest ?? [];
    expect(kept.length).toBeGreaterThanOrEqual(atLeast);
    expect(kept[0]?.name).toBe(`${[...name].slice(0, 63).join("")}…`);
  });

  it.each([
    "",
    "{}",
    "[]",
    "null",
    '{"startedAt":1,"counts":{},"recent":{"at":1,"ms":-1,"counts":{}}}',
    '{"recent":7}',
  ])("is passed over where another hand wrote %j", async (value) => {
    expect(await read(value)).toEqual([]);
  });

  it("is read as far as another version says what this one knows", async () => {
    const said = {
      startedAt: 1,
      counts: { issued: 2, new: 9 },
      recent: { at: 3, ms: 4, counts: {} },
      busiest: [7, ["k"]],
    };

    expect(await read(JSON.stringify(said))).toEqual([
      {
        ...{ serverId: SERVER, startedAt: 1, counts: someCounts({ issued: 2 }) },
        recent: { at: 3, ms: 4, counts: someCounts({}), busiest: [] },
      },
    ]);
  });

  it.each(["startedAt", "at"])("is passed over where its %s is no instant that can be shown", async (field) => {
    const said = (instant: number) => {
      const [startedAt, at] = field === "at" ? [1, instant] : [instant, 3];
      return read(JSON.stringify({ startedAt, counts: {}, recent: { at, ms: 4, counts: {} } }));
    };

    expect(await said(8.64e15)).toHaveLength(1);
    expect(await said(8.64e15 + 1)).toEqual([]);
    expect(await said(1.5)).toEqual([]);
  });
});
