import type { DestinationInput, Destinations } from "../../services/destinations.ts";
import type { Handlers } from "../handlers.ts";

type DestinationRoutes =
  | "addDestination"
  | "listDestinations"
  | "changeDestination"
  | "removeDestination"
  | "retryDestination";

/** Handlers of a stream's destinations and of `/v1/destinations`. */
export const destinationHandlers = (destinations: Destinations): Handlers<DestinationRoutes> => ({
  addDestination: ({ params, body: { streamKey, ...where }, actor }) =>
    destinations.add(params.streamId, whereOf(where) ?? { url: "" }, streamKey, actor),
  listDestinations: ({ params }) => destinations.list(params.streamId),
  changeDestination({ params, body: { streamKey, enabled, ...where }, actor }) {
    const input = whereOf(where);
    const change = {
      ...(input ? { input } : {}),
      ...(streamKey ? { destinationKey: streamKey } : {}),
      ...(enabled === undefined ? {} : { enabled }),
    };
    return destinations.edit(params.destinationId, change, actor);
  },
  async removeDestination({ params, actor }) {
    await destinations.remove(params.destinationId, actor);
    return null;
  },
  retryDestination: ({ params, actor }) => destinations.retryNow(params.destinationId, actor),
});

interface Where {
  readonly url?: string;
  readonly service?: string;
  readonly server?: string;
}

/** Null where neither is given; the schema has refused both. */
function whereOf({ url, service, server }: Where): DestinationInput | null {
  if (url !== undefined) return { url };
  if (service === undefined) return null;
  return server === undefined ? { service } : { service, server };
}
