import type {
  IngestHandlers,
  PlayerWaiting,
  PublishDecision,
  PublisherRef,
  PublishRequest,
} from "../../src/services/ingest.ts";

/** Ingest handlers that note what they are told; `answer` decides, and may be replaced at any time. */
export interface RecordingHandlers extends IngestHandlers {
  readonly requests: { readonly request: PublishRequest; readonly signal: AbortSignal }[];
  readonly ends: { readonly publisher: PublisherRef; readonly reason: string }[];
  readonly players: PlayerWaiting[];
  answer: (request: PublishRequest, signal: AbortSignal) => Promise<PublishDecision>;
}

/** Accepts whatever is published, under the stream key with `local-` before it, until `answer` is replaced. */
export function recordingHandlers(): RecordingHandlers {
  const handlers: RecordingHandlers = {
    requests: [],
    ends: [],
    players: [],
    answer: async ({ streamKey }) => ({ accepted: true, localName: `local-${streamKey.open()}` }),
    decide: (request, signal) => {
      handlers.requests.push({ request, signal });
      return handlers.answer(request, signal);
    },
    ended: ({ ingestInstance, clientId }, reason) => {
      handlers.ends.push({ publisher: { ingestInstance, clientId }, reason });
    },
    playerWaiting: (player) => {
      handlers.players.push(player);
    },
  };
  return handlers;
}
