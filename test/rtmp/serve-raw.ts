import type { RtmpLimits } from "../../src/rtmp/limits.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { RtmpServerConnection } from "../../src/rtmp/server-connection.ts";
import type { RtmpHandlers } from "../../src/rtmp/server-handlers.ts";
import { duplexPair } from "../support/duplex-pair.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { rawPeer } from "./raw-peer.ts";

/** A key frame of six bytes. */
export const frame: MediaMessage = { type: 9, timestamp: 7, payload: Buffer.from([0x17, 1, 0, 0, 0, 9]) };

/** A server connection with a peer that says raw bytes to it, on a clock turned by hand. */
export function serve(handlers: Partial<RtmpHandlers> = {}, limits: Partial<RtmpLimits> = {}) {
  const [ours, theirs] = duplexPair();
  const clock = fakeClock();
  const taken: MediaMessage[] = [];
  const ends: string[] = [];
  const sink = { message: (message: MediaMessage) => taken.push(message), ended: (how: string) => ends.push(how) };
  const connection = new RtmpServerConnection(
    ours,
    { publish: async () => ({ sink }), play: () => ({ refusal: "no" }), ...handlers },
    { clock, limits },
  );
  const closed: { error: unknown }[] = [];
  void connection.closed.then((error) => closed.push({ error }));
  return {
    peer: rawPeer(theirs),
    theirs,
    clock,
    connection,
    taken,
    ends,
    sink,
    closed,
    settle: () => clock.advance(0),
  };
}
