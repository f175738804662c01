import type { Edge, EdgePublish } from "./edge.ts";

/** Fetches a live publish's destinations and applies them. Never rejects: the next usage answer asks for it again. */
export async function refreshTargets({ ports }: Edge, publish: EdgePublish, signal: AbortSignal): Promise<void> {
  const { publishId } = publish;
  try {
    const { revision, targets } = await ports.server.targets(publishId, signal);
    if (publish.end !== null || revision < publish.revision) return;
    publish.revision = revision;
    publish.relays.apply(targets);
    ports.log.info({ publishId, revision, destinations: targets.length }, "destinations applied");
    ports.changed();
  } catch (error) {
    ports.log.warn({ publishId, err: error }, "destinations not fetched");
  }
}
