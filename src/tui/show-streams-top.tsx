import type { StreamStatus } from "../domain/live.ts";
import { type LivePorts, showLiveScreen } from "./live/show-live-screen.tsx";
import type { Action } from "./top/action.ts";
import { initialModel } from "./top/model.ts";
import { StreamsTop } from "./top/streams-top.tsx";
import { update } from "./top/update.ts";

export interface StreamsTopPorts extends LivePorts {
  /** All streams now. May reject: the screen says "STALE" and tries again. */
  load(): Promise<readonly StreamStatus[]>;
  /** False where the stream is no longer live. */
  drop(streamId: string): Promise<boolean>;
  retry(destinationId: string): Promise<unknown>;
}

/** Drops or retries; resolves with what to tell the user. */
async function perform(action: Action, { drop, retry }: StreamsTopPorts): Promise<string> {
  if (action.kind === "drop")
    return (await drop(action.streamId)) ? `dropped "${action.title}"` : `"${action.title}" is not live any more`;
  await Promise.all(action.destinationIds.map((destinationId) => retry(destinationId)));
  return action.destinationIds.length === 1 ? "retrying" : `retrying ${action.destinationIds.length} relays`;
}

/**
 * Shows the live streams and their relays until `q`, Ctrl-C or the signal; the terminal is then as it was before.
 * @throws what drawing threw, after the terminal was restored
 */
export const showStreamsTop = (ports: StreamsTopPorts): Promise<void> =>
  showLiveScreen(
    {
      begin: initialModel,
      update,
      draw: (model, onKey) => <StreamsTop model={model} onKey={onKey} />,
      load: () => ports.load(),
      perform: (action) => perform(action, ports),
    },
    ports,
  );
