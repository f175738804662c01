import { listenRtmp } from "./listener.ts";
import type { MediaMessage } from "./message.ts";
import type { RtmpServerConnection, ServerOptions } from "./server-connection.ts";

/** One publish that a sink received. */
export interface SinkPublish {
  readonly app: string;
  readonly name: string;
  readonly connection: RtmpServerConnection;
  /** Everything that came, in order; empty where `record` is off. */
  readonly messages: readonly MediaMessage[];
  /** Resolves with how it ended. Never rejects. */
  readonly ended: Promise<"unpublished" | "closed">;
}

export interface SinkOptions extends ServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Keeps every message in memory (default true). */
  readonly record?: boolean;
  /** Says no to a publish by a word for the publisher; null accepts it. */
  readonly refuse?: (app: string, name: string) => string | null;
  readonly onPublish?: (publish: SinkPublish) => void;
  readonly onMessage?: (message: MediaMessage, publish: SinkPublish) => void;
}

export interface RtmpSink {
  readonly port: number;
  /** All publishes since the start, in order. */
  readonly publishes: readonly SinkPublish[];
  close(): Promise<void>;
}

/** A server that takes whatever is published and keeps it; nobody can play. For checks and tests. */
export async function startSink(options: SinkOptions): Promise<RtmpSink> {
  const publishes: SinkPublish[] = [];
  const { port, close } = await listenRtmp({
    ...options,
    accept: () => {
      let connection: RtmpServerConnection;
      return {
        opened: (opened) => {
          connection = opened;
        },
        handlers: {
          publish: async ({ app, name }) => {
            const refusal = options.refuse?.(app, name) ?? null;
            if (refusal !== null) return { refusal };
            const messages: MediaMessage[] = [];
            let settle: (how: "unpublished" | "closed") => void = () => {};
            const ended = new Promise<"unpublished" | "closed">((resolve) => {
              settle = resolve;
            });
            const publish: SinkPublish = { app, name, connection, messages, ended };
            publishes.push(publish);
            options.onPublish?.(publish);
            return { sink: { message: (message) => receive(publish, messages, message), ended: settle } };
          },
          play: () => ({ refusal: "nothing can be played here" }),
        },
      };
    },
  });
  const receive = (publish: SinkPublish, messages: MediaMessage[], message: MediaMessage) => {
    if (options.record ?? true) messages.push(message);
    options.onMessage?.(message, publish);
  };
  return { port, publishes, close };
}
