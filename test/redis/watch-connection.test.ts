import { EventEmitter } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Log } from "../../src/domain/log.ts";
import type { Connection } from "../../src/redis/connection.ts";
import { watchConnection } from "../../src/redis/watch-connection.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

const FIT = "maxmemory:0\r\naof_enabled:1\r\nrole:master";

/** A connection that does what a test says, and what was logged of it. */
function watch(info = FIT) {
  const connection = Object.assign(new EventEmitter(), { info: async () => info });
  const said: (readonly [string, object])[] = [];
  const note = (fields: object, message: string) => void said.push([message, fields]);
  const log: Log = { ...silentLog, info: note, warn: note };
  const clock = fakeClock();
  const state = watchConnection(connection as unknown as Connection, { clock, log });
  return { connection, clock, state, said };
}

describe("the watch over the connection to Redis", () => {
  it("says once that it is away, with the reason, and once that it is back", async () => {
    const { connection, clock, said } = watch();
    connection.emit("ready");
    connection.emit("close");
    await clock.advance(700);
    connection.emit("error", Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
    connection.emit("close"); // each try to connect ends so
    connection.emit("close");

    connection.emit("ready");

    expect(said).toEqual([
      ["redis is away", { reason: "ECONNREFUSED" }],
      ["redis is back", { awayMs: 700 }],
    ]);
  });

  it("says nothing of one that is lost and there again at once, as where Redis is a replica that each write leaves", () => {
    const { connection, said } = watch();

    for (let n = 0; n < 3; n++) {
      connection.emit("ready");
      connection.emit("close");
    }
    connection.emit("ready");

    expect(said).toEqual([]);
  });

  it("says at once that it is away where it never was there", () => {
    const { connection, said } = watch();

    connection.emit("close");

    expect(said).toEqual([["redis is away", { reason: "no answer yet" }]]);
  });

  it("tells while there is none what the last try failed of", () => {
    const { connection, state } = watch();
    expect(state.whyAway()).toBe("no answer yet");

    connection.emit("error", Object.assign(new Error("WRONGPASS no such user"), { name: "ReplyError" }));
    expect(state.whyAway()).toBe("WRONGPASS");

    connection.emit("ready");
    expect(state.whyAway()).toBeNull();
    connection.emit("close"); // by the other side, without a word
    expect(state.whyAway()).toBe("connection lost");
  });

  it("says nothing when it goes because we go", () => {
    const { connection, state, said } = watch();
    connection.emit("ready");

    state.closing();
    connection.emit("close");
    connection.emit("close");

    expect(said).toEqual([]);
  });

  it("tells for how long there has been none", async () => {
    const { connection, clock, state } = watch();
    await clock.advance(300);
    expect(state.awayForMs()).toBe(300);

    connection.emit("ready");
    await clock.advance(300);
    expect(state.awayForMs()).toBe(0);

    connection.emit("close");
    await clock.advance(100);
    connection.emit("close");
    expect(state.awayForMs()).toBe(100);
  });

  it("warns of each thing that is wrong with how it is set up once, however often it comes back", async () => {
    const { connection, said } = watch("aof_enabled:0\r\nrole:slave");

    for (let n = 0; n < 3; n++) {
      connection.emit("ready");
      await turn();
    }

    expect(said.map(([message]) => message)).toEqual([
      expect.stringMatching(/^redis: appendonly is off/),
      expect.stringMatching(/^redis: it is a replica/),
    ]);
  });
});
