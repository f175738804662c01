import { EventEmitter } from "node:events";
import type { Etcd3 } from "etcd3";
import { describe, expect, it } from "vitest";
import { noAuth } from "../../src/etcd/call-auth.ts";
import { Members } from "../../src/etcd/members.ts";
import { etcdStreams } from "../../src/etcd/streams.ts";
import { Deadlines } from "../../src/services/deadlines.ts";
import { fakeClock } from "../support/fake-clock.ts";

const FIRST = 0;

/** Two members, the first of which opens its keep-alive stream so. */
function streamsOver(leaseKeepAlive: () => Promise<unknown>) {
  const clock = fakeClock();
  const clients = [{ leaseClient: { leaseKeepAlive } }, {}] as unknown as Etcd3[];
  const members = new Members(
    clients.map((client) => ({ client, auth: noAuth })),
    clock,
    () => FIRST,
  );
  const calls = { range: () => Promise.reject(new Error("not asked")) };
  return {
    streams: etcdStreams(members, calls, new Deadlines(clock)),
    asked: () => clients.indexOf(members.pick().client),
  };
}

const silentStream = () => Object.assign(new EventEmitter(), { write: () => {}, end: () => {}, cancel: () => {} });

describe("a keep-alive stream", () => {
  it("goes to another member where the first cannot be asked for a token", async () => {
    const { streams, asked } = streamsOver(() => Promise.reject(new Error("4 DEADLINE_EXCEEDED: authenticate")));

    await expect(streams.keepAlive()).rejects.toThrow("authenticate");

    expect(asked()).toBe(1);
  });

  it("goes to another member where the first does not answer, and not where it is only ended", async () => {
    const { streams, asked } = streamsOver(async () => silentStream());

    (await streams.keepAlive()).end();
    expect(asked()).toBe(FIRST);
    (await streams.keepAlive()).abandon();

    expect(asked()).toBe(1);
  });

  it("goes to another member where it breaks", async () => {
    const stream = silentStream();
    const { streams, asked } = streamsOver(async () => stream);
    const opened = await streams.keepAlive();
    const ended = new Promise((resolve) => {
      opened.onEnd = resolve;
    });

    stream.emit("error", new Error("14 UNAVAILABLE: Connection dropped"));

    await ended;
    expect(asked()).toBe(1);
  });
});
