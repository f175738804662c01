import { createServer } from "node:net";
import type { Clock, Random } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { MediaMessage } from "../rtmp/message.ts";
import { type RtmpSink, type SinkPublish, startSink } from "../rtmp/sink.ts";
import { identify } from "./packet-identity.ts";
import type { ReceivedPacket, SinkRecord } from "./received.ts";

/** A destination that the demo serves itself. */
export interface DemoSink extends SinkRecord {
  /** rtmp://host:port/app */
  readonly url: string;
  /** Ends all connections; resolves when they and the sink's timers have ended. Safe to repeat. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const APP = "demo";
// Below the range from which Linux takes ports for outgoing connections, so that none takes a reserved one meanwhile.
const RESERVED_PORTS = { from: 20_000, to: 32_000 };
const RESERVE_TRIES = 20;

const urlOf = (port: number): string => `rtmp://${HOST}:${port}/${APP}`;

/** Keeps what a sink receives, one list a publish. */
function recorder(clock: Clock): SinkRecord & {
  onPublish(publish: SinkPublish): void;
  onMessage(message: MediaMessage, publish: SinkPublish): void;
} {
  const publishes: ReceivedPacket[][] = [];
  const lists = new WeakMap<SinkPublish, ReceivedPacket[]>();
  return {
    publishes,
    onPublish(publish) {
      const list: ReceivedPacket[] = [];
      lists.set(publish, list);
      publishes.push(list);
    },
    onMessage(message, publish) {
      const identity = identify(message);
      if (identity) lists.get(publish)?.push({ ...identity, receivedAt: clock.monotonic() });
    },
  };
}

/** Takes everything at once. */
export async function healthySink(clock: Clock): Promise<DemoSink> {
  const record = recorder(clock);
  const sink = await startSink({ ...record, clock, host: HOST, port: 0, record: false });
  return { ...record, url: urlOf(sink.port), close: sink.close };
}

/** Takes a publish, and stops reading `silentAfterMs` later: a black hole that keeps the connection open. */
export async function silentSink(clock: Clock, silentAfterMs: number): Promise<DemoSink> {
  const record = recorder(clock);
  const end = new AbortController();
  const timers = new Set<Promise<void>>();
  const sink = await startSink({
    ...record,
    clock,
    host: HOST,
    port: 0,
    record: false,
    onPublish(publish) {
      record.onPublish(publish);
      timers.add(clock.sleep(silentAfterMs, end.signal).then(() => publish.connection.pauseReading()));
    },
  });
  const close = async () => {
    end.abort();
    await Promise.all([sink.close(), ...timers]);
  };
  return { ...record, url: urlOf(sink.port), close };
}

/** Refuses TCP until `openAfterMs` have passed, then takes everything. */
export async function refusingSink(clock: Clock, random: Random, openAfterMs: number): Promise<DemoSink> {
  const port = await reservePort(random);
  const record = recorder(clock);
  const end = new AbortController();
  let sink: RtmpSink | null = null;
  const open = async () => {
    await clock.sleep(openAfterMs, end.signal);
    if (!end.signal.aborted) sink = await startSink({ ...record, clock, host: HOST, port, record: false });
  };
  const opened = open();
  opened.catch(() => {}); // told by close
  const close = async () => {
    end.abort();
    await opened;
    await sink?.close();
  };
  return { ...record, url: urlOf(port), close };
}

/** A port that nothing listens on now, and that the system gives to nobody by itself. */
async function reservePort(random: Random): Promise<number> {
  for (let tries = 0; tries < RESERVE_TRIES; tries++) {
    const port = RESERVED_PORTS.from + Math.floor(random() * (RESERVED_PORTS.to - RESERVED_PORTS.from));
    if (await isFree(port)) return port;
  }
  throw new RigError("PORT_IN_USE", `no free port found from ${RESERVED_PORTS.from} to ${RESERVED_PORTS.to}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
