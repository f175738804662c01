import { embeddedIngest } from "../../src/ingest/embedded/embedded-ingest.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { Ingest, IngestStat, PlayerWaiting, PublishRequest } from "../../src/services/ingest.ts";
import { type ClipPublisher, publishClip } from "./live-clip.ts";
import { type ClipOptions, makeClip } from "./media-clip.ts";
import { silentLog } from "./silent-log.ts";

/** An ingest with clips published on it, for relays to pull. */
export interface PushSource {
  readonly ingest: Ingest;
  /** Publishes a clip under a name, looped; resolves when its encoder was started. */
  publish(name: string, tracks?: ClipOptions): Promise<ClipPublisher>;
  /** How many relays wait for a name, or waited. */
  waiting(name: string): number;
  /** What `stat` showed last, polled twice a second. */
  source(name: string): IngestStat | null;
  close(): Promise<void>;
}

/** An embedded ingest that accepts every stream key and keeps it as the local name. */
export async function startPushSource(): Promise<PushSource> {
  const stopping = new AbortController();
  const publishers: ClipPublisher[] = [];
  const clips: Awaited<ReturnType<typeof makeClip>>[] = [];
  const ingest = embeddedIngest({
    listenHost: "127.0.0.1",
    listenPort: 0,
    app: "live",
    instance: "test",
    clock: systemClock,
    log: silentLog,
  });
  let stats: IngestStat[] = [];
  const players: string[] = [];
  let running: Promise<void> = Promise.resolve();
  await new Promise<void>((ready) => {
    const handlers = {
      decide: async ({ streamKey }: PublishRequest) => ({ accepted: true, localName: streamKey.open() }) as const,
      ended: () => {},
      playerWaiting: ({ localName }: PlayerWaiting) => void players.push(localName),
    };
    running = ingest.run(handlers, ready, stopping.signal);
  });
  const polling = (async () => {
    for (; !stopping.signal.aborted; await systemClock.sleep(500, stopping.signal)) stats = await ingest.stat();
  })();
  const source = (name: string) => stats.find(({ localName }) => localName === name) ?? null;
  return {
    ingest,
    source,
    waiting: (name) => players.filter((each) => each === name).length,
    async publish(name, tracks = {}) {
      const clip = await makeClip(tracks);
      clips.push(clip);
      const publisher = publishClip(clip.file, `${ingest.publishUrl}/${name}`);
      publishers.push(publisher);
      return publisher;
    },
    async close() {
      for (const publisher of publishers) await publisher.stop();
      stopping.abort();
      await Promise.all([running, polling]);
      for (const clip of clips) await clip.remove();
    },
  };
}
