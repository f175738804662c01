import type { ReceivedPacket } from "../../src/demo/received.ts";
import { type DemoSink, healthySink } from "../../src/demo/sinks.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { type Encoder, startEncoder } from "./encoder.ts";
import type { TestPlatform } from "./platform.ts";
import type { NewStream } from "./rig-commands.ts";
import { until } from "./until.ts";

/** A stream of a platform with sinks of the test's own as its destinations. */
export interface Show {
  readonly stream: NewStream;
  readonly username: string;
  /** In the order of `destinationIds`. */
  readonly sinks: readonly DemoSink[];
  readonly destinationIds: readonly string[];
  /** Publishes by our own encoder, to where the ingest is now; resolves once accepted. */
  publish(): Promise<Encoder>;
  /** The same, and resolves once every sink receives it. */
  goLive(): Promise<Encoder>;
  close(): Promise<void>;
}

/** Of a platform, what a show needs. */
export type ShowPlace = Pick<TestPlatform, "addStream" | "addDestination"> & {
  readonly status: { readonly ingest: { readonly url: string } };
};

let shows = 0;

/** A user with one stream that goes to `sinks` healthy destinations. */
export async function openShow(platform: ShowPlace, { sinks: count = 2 } = {}): Promise<Show> {
  const username = `show-${++shows}`;
  const stream = await platform.addStream(username);
  const sinks = await Promise.all(Array.from({ length: count }, () => healthySink(systemClock)));
  const destinationIds = await Promise.all(sinks.map(({ url }) => platform.addDestination(stream.id, url)));
  const publish = () => startEncoder({ publishUrl: platform.status.ingest.url, streamKey: stream.streamKey });
  return {
    ...{ stream, username, sinks, destinationIds, publish },
    async goLive() {
      const before = sinks.map(({ publishes }) => publishes.length);
      const encoder = await publish();
      const isReached = ({ publishes }: DemoSink, index: number) =>
        publishes.length > (before[index] ?? 0) && lastPublish(publishes).length > 0;
      await until(() => sinks.every(isReached), { what: "the stream arrives at every sink" });
      return encoder;
    },
    async close() {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}

/** What came by a sink's newest connection. */
export const lastPublish = (publishes: DemoSink["publishes"]): readonly ReceivedPacket[] => publishes.at(-1) ?? [];
