import { readdir, readFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, beforeAll } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { type FfmpegPushOptions, ffmpegPush } from "../../src/ffmpeg/push-once.ts";
import { type RtmpSink, type SinkOptions, startSink } from "../../src/rtmp/sink.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { findProgram } from "../../src/runtime/find-ffmpeg.ts";
import type { PushEnd, PushOnce, PushProgress, RelayOrder } from "../../src/services/relay-push.ts";
import { someTarget } from "./fake-push.ts";
import { type PushSource, startPushSource } from "./push-source.ts";

/** The machine's ffmpeg; null where there is none. */
export const FFMPEG = findProgram("ffmpeg");

/** One try to push that a test looks at. */
export interface WatchedPush {
  readonly order: RelayOrder;
  readonly push: PushOnce;
  readonly progress: readonly PushProgress[];
  readonly end: Promise<PushEnd>;
  stop(): void;
}

type PushSetup = Partial<Omit<FfmpegPushOptions, "source">> & { readonly key?: string; readonly from?: string };

/**
 * What tests of real relays need, opened and closed by the hooks of the file that asks for it, whose tests may run side by
 * side. The name `both` is published.
 */
export function usePushes() {
  let source: PushSource;
  const closing: (() => Promise<void> | void)[] = [];
  let relays = 0;
  beforeAll(async () => {
    source = await startPushSource();
    await source.publish("both");
  });
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
    await source.close();
  });

  return {
    source: () => source,
    atEnd: (close: () => Promise<void> | void) => void closing.push(close),

    /** A push with the harness's own source. */
    pushOnce: (): PushOnce => ffmpegPush(defaults(source)),

    /** Starts one try. */
    push(url: string, { key = "a-destination-key", from = "both", ...options }: PushSetup = {}): WatchedPush {
      const progress: PushProgress[] = [];
      const stop = new AbortController();
      const push = ffmpegPush({ ...defaults(source), ...options });
      const relayId = `relay-${++relays}`; // its input is ended by this name
      const order = {
        publishId: from,
        relayId,
        pullUrl: source.ingest.pullUrl(from, relayId),
        target: { ...someTarget({ url }), destinationKey: new Secret(key) },
      };
      const end = push(order, (each) => void progress.push(each), stop.signal);
      closing.push(async () => {
        stop.abort();
        await end;
      });
      return { end, progress, stop: () => stop.abort(), order, push };
    },

    /** Opens an RTMP server that keeps what it gets. */
    async sink(options: Partial<SinkOptions> = {}): Promise<RtmpSink> {
      const opened = await startSink({ host: "127.0.0.1", port: 0, clock: systemClock, ...options });
      closing.push(() => opened.close());
      return opened;
    },

    /** Opens a TCP server that does to each connection what the test says; answers its port. */
    async server(treat: (socket: Socket) => void): Promise<number> {
      const sockets = new Set<Socket>();
      const listening = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => {});
        treat(socket);
      });
      await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
      closing.push(() => {
        for (const socket of sockets) socket.destroy();
        listening.close();
      });
      return (listening.address() as { port: number }).port;
    },
  };
}

const defaults = (source: PushSource): FfmpegPushOptions => ({
  ffmpeg: { path: FFMPEG ?? "", statsPeriod: true },
  setprivPath: findProgram("setpriv"),
  clock: systemClock,
  source: source.source,
  endInput: (publishId, relayId) => source.ingest.endPlayer(publishId, relayId),
  allowPrivate: true,
  caFile: null,
  presetFolder: tmpdir(),
});

/** The command lines of all processes of this machine, by process id. */
export async function commandLines(): Promise<Map<number, string>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = async (pid: string): Promise<[number, string]> => [
    Number(pid),
    (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "),
  ];
  return new Map(await Promise.all(pids.map(read)));
}

/** The process id of the relay that pushes to this port. */
export async function pidOfRelay(port: number): Promise<number> {
  for (const [pid, line] of await commandLines()) if (line.includes("fpre:v") && line.includes(`:${port}/`)) return pid;
  throw new Error(`no relay pushes to ${port}`);
}
