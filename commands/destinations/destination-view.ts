import type { Destination } from "../../src/domain/destination.ts";
import type { View } from "../../src/runtime/cli/output.ts";

const stateOf = ({ enabled }: Destination) => (enabled ? "enabled" : "disabled");

/** How destinations are printed. The destination key is never part of it. */
export const destinationView: View<Destination> = {
  columns: [
    { head: "DESTINATION", cell: ({ id }) => id },
    { head: "STATE", cell: stateOf },
    { head: "SERVICE", cell: ({ service, server }) => [service, server].filter(Boolean).join(" ") || "-" },
    { head: "URL", cell: ({ url }) => url },
  ],
  json: (destination) => {
    const { id, streamId, service, server, url, createdAt } = destination;
    const state = stateOf(destination);
    return { id, streamId, state, service, server, url, createdAt: new Date(createdAt).toISOString() };
  },
  name: ({ id }) => id,
};

/** What a change answers to a script: `{"id", "state"}`. */
export const changedDestinationView: View<Destination> = {
  ...destinationView,
  json: (destination) => ({ id: destination.id, state: stateOf(destination) }),
};
