import { describe, expect, it } from "vitest";
import { Keyspace } from "../../../../src/embedded/etcd/state/keyspace.ts";
import type { WatchCreate, WatchMessage } from "../../../../src/embedded/etcd/watch/message.ts";
import { WatchHub } from "../../../../src/embedded/etcd/watch/watch-hub.ts";
import { until } from "../../../support/until.ts";

function watched() {
  const keyspace = new Keyspace();
  const hub = new WatchHub(keyspace);
  const put = (key: string, value = "") => {
    keyspace.put(key, value, "0");
    keyspace.commit();
  };
  const received: WatchMessage[] = [];
  let room = Number.POSITIVE_INFINITY;
  const stream = hub.open({
    send: (message) => {
      received.push(message);
      room -= 1;
      return room > 0;
    },
  });
  const revisions = () => received.flatMap(({ events = [] }) => events.map(({ modRevision }) => modRevision));
  return {
    ...{ keyspace, hub, put, received, stream, revisions },
    setRoom: (messages: number) => {
      room = messages;
    },
  };
}

const wish = (more: Partial<WatchCreate> = {}): WatchCreate => ({
  ...{ span: { start: "a", end: "b" }, startRevision: 0, progressNotify: false, noPut: false, noDelete: false },
  ...{ prevKv: false, watchId: 0, fragment: false, ...more },
});

describe("a watch stream", () => {
  it("hears of a revision only once it is durable", () => {
    const { put, hub, stream, revisions } = watched();
    stream.create(wish());
    put("a1");
    put("a2");

    expect(revisions()).toEqual([]);
    hub.publish(2);
    expect(revisions()).toEqual([2]);
  });

  it("that reads slowly holds no events in memory, and catches up without loss when it has room", async () => {
    const { put, hub, stream, received, revisions, setRoom } = watched();
    stream.create(wish());
    setRoom(1);
    for (let i = 0; i < 3_000; i++) put(`a${i}`);
    hub.publish(3_001);
    expect(received.length).toBe(2); // created, and the one that filled it

    setRoom(Number.POSITIVE_INFINITY);
    stream.drained();

    await until(() => revisions().length === 3_000);
    expect(revisions()).toEqual(Array.from({ length: 3_000 }, (_, i) => i + 2));
  });

  it("that reads too slowly for the history is told where it was compacted", async () => {
    const { keyspace, put, hub, stream, received, setRoom } = watched();
    stream.create(wish());
    setRoom(1);
    for (let i = 0; i < 10; i++) put(`a${i}`);
    hub.publish(11);
    keyspace.compact(8);

    setRoom(Number.POSITIVE_INFINITY);
    stream.drained();

    await until(() => received.at(-1)?.canceled);
    expect(received.at(-1)).toMatchObject({ watchId: 0, canceled: true, compactRevision: 8 });
  });

  it("goes over from the history to what comes without a gap or a double", async () => {
    const { put, hub, stream, revisions } = watched();
    for (let i = 0; i < 1_500; i++) put("a");
    hub.publish(1_501);
    stream.create(wish({ startRevision: 2 }));
    await until(() => revisions().length >= 1_000);
    put("a");
    hub.publish(1_502);

    await until(() => revisions().length >= 1_501);
    put("a");
    hub.publish(1_503);

    expect(revisions()).toEqual(Array.from({ length: 1_502 }, (_, i) => i + 2));
  });

  it("answers a wish for progress only when none of its watches lags", async () => {
    const { put, hub, stream, received } = watched();
    for (let i = 0; i < 5; i++) put("a");
    hub.publish(6);
    stream.create(wish({ startRevision: 2 }));
    stream.requestProgress();
    expect(received.length).toBe(1);

    await until(() => received.length === 3);

    expect(received.map(({ watchId, events = [] }) => [watchId, events.length])).toEqual([
      [0, 0],
      [0, 5],
      [-1, 0],
    ]);
  });

  it("tells idle watches that asked for it how far the store is", () => {
    const { put, hub, stream, received } = watched();
    stream.create(wish({ progressNotify: true }));
    stream.create(wish({ progressNotify: true, span: { start: "x", end: null } }));
    put("a");
    hub.publish(2);

    hub.notifyProgress();

    expect(received.at(-1)).toEqual({ watchId: 1, revision: 2 });
    expect(received.length).toBe(4); // two created, one event, one notice: the first was busy
  });

  it("sends nothing more once it has ended", () => {
    const { put, hub, stream, received } = watched();
    stream.create(wish());
    stream.end();
    put("a");
    hub.publish(2);

    expect(received.length).toBe(1);
  });

  it("cuts a large revision into parts where the watch allows it", () => {
    const { keyspace, hub, stream, received } = watched();
    stream.create(wish({ fragment: true }));
    for (let i = 0; i < 3; i++) keyspace.put(`a${i}`, "x".repeat(700_000), "0");
    keyspace.commit();

    hub.publish(2);

    expect(received.slice(1).map(({ fragment, events = [] }) => [fragment, events.length])).toEqual([
      [true, 1],
      [true, 1],
      [false, 1],
    ]);
  });
});
