import type { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkMessage } from "../../src/rtmp/chunk-writer.ts";
import { RtmpClient } from "../../src/rtmp/client-connection.ts";
import { commandMessage } from "../../src/rtmp/command.ts";
import { MESSAGE, type MediaMessage, numberMessage } from "../../src/rtmp/message.ts";
import { RtmpServerConnection } from "../../src/rtmp/server-connection.ts";
import { duplexPair } from "../support/duplex-pair.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { fullCount } from "../support/full-count.ts";
import {
  clientHandshake,
  command,
  connectCommand,
  createStream,
  mediaBytes,
  playCommand,
  publishCommand,
} from "./raw-peer.ts";

const LIMITS = { maxQueuedBytes: 200_000, maxPartialBytes: 500_000, maxMessageBytes: 300_000 };
/** What one connection may take from the heap: its limits, twice over for growing, and some objects. */
const MEMORY_BYTES = 8 * 1024 * 1024;

const video = (timestamp: number, bytes: number): MediaMessage => ({
  type: 9,
  timestamp,
  payload: Buffer.alloc(bytes, 0x17),
});
const SESSIONS = {
  publisher: Buffer.concat([
    ...[
      clientHandshake(),
      connectCommand(),
      command("releaseStream", 2, [null, "name"]),
      createStream(),
      publishCommand(),
    ],
    ...[
      chunkMessage(
        {
          type: 18,
          timestamp: 0,
          streamId: 1,
          payload: Buffer.from("\x02\x00\x0aonMetaData\x03\x00\x00\x09", "latin1"),
        },
        128,
      ),
    ],
    ...[video(0, 50), video(40, 500), video(0xffffff, 300), video(0x1000020, 900)].map(mediaBytes),
    ...[
      chunkMessage(numberMessage(MESSAGE.setChunkSize, 700), 128),
      chunkMessage({ ...video(9, 900), streamId: 1 }, 700),
    ],
    command("deleteStream", 0, [null, 1]),
  ]),
  player: Buffer.concat([clientHandshake(), connectCommand(), createStream(), playCommand()]),
  server: Buffer.concat([
    clientHandshake(),
    ...[
      commandMessage("_result", 1, [null, { level: "status", code: "NetConnection.Connect.Success" }]),
      commandMessage("_result", 4, [null, 1]),
      commandMessage("onStatus", 0, [null, { level: "status", code: "NetStream.Publish.Start" }], 1),
      commandMessage("onStatus", 0, [null, { level: "error", code: "NetStream.Publish.BadName" }], 1),
    ].map((message) => chunkMessage(message, 128)),
  ]),
};

/** Bytes changed, cut out, doubled: what broken encoders and lines make of a session. */
const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    what: fc.constantFrom("set", "cut", "double"),
    value: fc.nat(255),
    length: fc.nat(40),
  }),
  { minLength: 1, maxLength: 12 },
);
type Mutations = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

/** The handshake is spared at times: what comes after it is where the code is. */
function mutate(session: Buffer, changes: Mutations, sparesHandshake: boolean): Buffer {
  let bytes = Buffer.from(session);
  for (const { at, what, value, length } of changes) {
    const from = sparesHandshake ? 3073 : 0;
    const place = from + Math.floor(at * Math.max(0, bytes.length - from - 1));
    const [head, piece, tail] = [
      bytes.subarray(0, place),
      bytes.subarray(place, place + length),
      bytes.subarray(place + length),
    ];
    if (what === "set" && bytes.length > place) bytes[place] = value;
    if (what === "cut") bytes = Buffer.concat([head, tail]);
    if (what === "double") bytes = Buffer.concat([head, piece, piece, tail]);
  }
  return bytes;
}

function startServer(duplex: Duplex, clock: ReturnType<typeof fakeClock>): Promise<unknown> {
  const sink = { message: () => {}, ended: () => {} };
  const handlers = { publish: async () => ({ sink }), play: () => ({ started: () => {}, stopped: () => {} }) };
  return new RtmpServerConnection(duplex, handlers, { clock, limits: LIMITS }).closed;
}

async function startClient(duplex: Duplex, clock: ReturnType<typeof fakeClock>): Promise<unknown> {
  const client = new RtmpClient(duplex, { app: "live", tcUrl: "rtmp://h/live", clock, limits: LIMITS });
  const use = async () => {
    await client.connected();
    const publisher = await client.publish("name");
    await publisher.send(video(0, 10));
  };
  await use().catch(() => {}); // a refusal or a fault of the other side: here only that it settles counts
  client.destroy();
  return client.closed;
}

/** Feeds the bytes in pieces, hangs up, and lets all deadlines pass; resolves when the connection is over. */
async function survive(start: typeof startServer, bytes: Buffer, pieceBytes: number): Promise<void> {
  const [ours, theirs] = duplexPair();
  const clock = fakeClock();
  theirs.on("error", () => {});
  theirs.resume();
  const closed = start(ours, clock);
  for (let at = 0; at < bytes.length; at += pieceBytes) theirs.write(bytes.subarray(at, at + pieceBytes));
  await clock.advance(0);
  theirs.destroy();
  await clock.advance(15_000);
  await closed;
  expect(clock.sleepers()).toBe(0);
}

const RUNS = fullCount(60, 4_000);
const RUN_MS = 50; // for one session, on a busy machine

describe("any input at all", { timeout: 10_000 + RUNS * RUN_MS }, () => {
  const pieces = fc.integer({ min: 300, max: 20_000 });

  it("of random bytes ends a connection in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 6_000 }),
        fc.boolean(),
        pieces,
        async (bytes, isShaken, pieceBytes) => {
          const input = Buffer.concat([isShaken ? clientHandshake() : Buffer.of(3), bytes]);
          await survive(startServer, input, pieceBytes);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["publisher", startServer],
    ["player", startServer],
    ["server", startClient],
  ] as const)("that a broken %s sends ends a connection in order", async (who, start) => {
    await fc.assert(
      fc.asyncProperty(mutations, fc.boolean(), pieces, async (changes, sparesHandshake, pieceBytes) => {
        await survive(start, mutate(SESSIONS[who], changes, sparesHandshake), pieceBytes);
      }),
      { numRuns: RUNS },
    );
  });

  it("that claims much and sends little takes little memory", async () => {
    const announce = (chunkStream: number, format = 0) => {
      const header = Buffer.alloc(12, 1);
      header[0] = (format << 6) | chunkStream;
      header.writeUIntBE(290_000, 4, 3);
      return header;
    };
    const chunks = [...Array(57).keys()].map((at) => Buffer.concat([announce(at + 6), Buffer.alloc(128)]));
    const session = [clientHandshake(), connectCommand(), createStream(), publishCommand(), ...chunks];
    const before = process.memoryUsage().arrayBuffers;
    const [ours, theirs] = duplexPair();
    const clock = fakeClock();
    const closed = startServer(ours, clock);
    theirs.on("error", () => {});

    theirs.write(Buffer.concat(session));
    await clock.advance(0);
    const error = await closed;

    expect(error).toMatchObject({ code: "LIMIT" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MEMORY_BYTES);
  });
});
