import type { StreamStatus } from "../../domain/live.ts";
import type { LiveStreams } from "../../services/live-streams.ts";
import type { Streams } from "../../services/streams.ts";
import type { Handlers } from "../handlers.ts";

type StreamRoutes = "addStream" | "listStreams" | "getStream" | "changeStreamKey" | "dropStream";

/** Handlers of `/v1/streams`. */
export const streamHandlers = (streams: Streams, liveStreams: LiveStreams): Handlers<StreamRoutes> => ({
  async addStream({ body, actor }) {
    const { stream, streamKey } = await streams.add({ user: body.userId, title: body.title }, actor);
    return { ...stream, streamKey };
  },
  listStreams: async ({ query }) => (await liveStreams.list(query.user)).map(asAnswer),
  getStream: async ({ params }) => asAnswer(await liveStreams.get(params.streamId)),
  changeStreamKey: ({ params, actor }) => streams.rotateKey(params.streamId, actor),
  dropStream: async ({ params, actor }) => ({ dropped: await streams.drop(params.streamId, actor) }),
});

/** The publish and its relays side by side, as `rig streams list --json` shows them. */
const asAnswer = ({ publish, ...stream }: StreamStatus) => ({
  ...stream,
  publish: publish && { ...publish, id: publish.publishId },
  relays: publish?.relays ?? [],
});
