import type { Actor } from "../domain/audit.ts";
import type { Clock } from "../domain/clock.ts";
import type { Destination } from "../domain/destination.ts";
import { checkDestinationKey } from "../domain/destination-key.ts";
import { checkDestinationUrl } from "../domain/destination-url.ts";
import { RigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import type { Secret } from "../domain/secret.ts";
import { findPreset } from "../domain/service-presets.ts";
import type { PublishClaims, WantedRevisions } from "./coordination.ts";
import type { DestinationInput, DestinationStore, Destinations } from "./destinations.ts";
import type { Ids } from "./ids.ts";
import type { StreamStore } from "./streams.ts";

export interface DestinationPorts {
  readonly destinations: DestinationStore;
  readonly streams: Pick<StreamStore, "find">;
  readonly claims: Pick<PublishClaims, "find">;
  readonly wanted: Pick<WantedRevisions, "put">;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "ulid">;
  readonly log: Log;
}

/** The use cases on destinations over their store; the agent of a live publish is told of each change. */
export function destinationService(ports: DestinationPorts): Destinations {
  const { destinations, streams, clock, ids } = ports;

  const get = async (destinationId: string): Promise<Destination> => {
    const destination = await destinations.find(destinationId);
    if (!destination) throw new RigError("DESTINATION_NOT_FOUND", `no destination ${JSON.stringify(destinationId)}`);
    return destination;
  };
  const requireStream = async (streamId: string): Promise<void> => {
    if (!(await streams.find(streamId)))
      throw new RigError("STREAM_NOT_FOUND", `no stream ${JSON.stringify(streamId)}`);
  };
  const entry = (action: string, actor: Actor, { id, streamId }: { id: string; streamId: string }, detail = {}) => ({
    at: clock.now(),
    actor,
    action: `destination.${action}`,
    subject: id,
    detail: { streamId, ...detail },
  });

  return {
    async add(streamId, input, destinationKey, actor) {
      const where = resolve(input);
      checkDestinationKey(destinationKey);
      await requireStream(streamId);
      const destination = {
        ...{ id: ids.ulid(), streamId, ...where },
        ...{ enabled: true, createdAt: clock.now(), revision: 1, retrySeq: 0 },
      };
      const streamRevision = await destinations.insert(
        destination,
        destinationKey,
        entry("add", actor, destination, where),
      );
      await tellAgent(ports, streamId, streamRevision);
      return destination;
    },
    async list(streamId) {
      await requireStream(streamId);
      return destinations.list(streamId);
    },
    async edit(destinationId, edit, actor) {
      const where = edit.input && resolve(edit.input);
      if (edit.destinationKey) checkDestinationKey(edit.destinationKey);
      const present = await get(destinationId);
      const plan = planEdit(present, where, edit);
      if (!plan) return present;
      const planned = entry(plan.action, actor, present, plan.detail);
      const { destination, streamRevision } = await destinations.update(destinationId, plan.change, planned);
      await tellAgent(ports, destination.streamId, streamRevision);
      return destination;
    },
    async remove(destinationId, actor) {
      const present = await get(destinationId);
      const streamRevision = await destinations.remove(
        destinationId,
        entry("remove", actor, present, { url: present.url }),
      );
      await tellAgent(ports, present.streamId, streamRevision);
    },
    async retryNow(destinationId, actor) {
      const present = await get(destinationId);
      const update = destinations.update(destinationId, { retry: true }, entry("retry", actor, present));
      const { destination, streamRevision } = await update;
      await tellAgent(ports, destination.streamId, streamRevision);
      return destination;
    },
  };
}

type Where = Pick<Destination, "service" | "server" | "url">;

/** Null where nothing would change: the relay then goes on undisturbed. */
function planEdit(
  present: Destination,
  where: Where | undefined,
  { destinationKey: key, enabled }: { destinationKey?: Secret; enabled?: boolean },
) {
  const isSwitch = enabled !== undefined && enabled !== present.enabled;
  if (!where && !key && !isSwitch) return null;
  return {
    action: where || key ? "edit" : enabled ? "enable" : "disable",
    change: { ...where, ...(key && { key }), ...(isSwitch && { enabled }) },
    detail: { ...where, ...(isSwitch && { enabled }), keyChanged: key !== undefined },
  };
}

function resolve(input: DestinationInput): Where {
  if ("url" in input) return { service: null, server: null, url: checkDestinationUrl(input.url) };
  return findPreset(input.service, input.server);
}

/** The change is committed: where etcd is away, the revision in the answer to the next usage report tells of it. */
async function tellAgent({ claims, wanted, log }: DestinationPorts, streamId: string, revision: number): Promise<void> {
  try {
    const claim = await claims.find(streamId);
    if (claim) await wanted.put(claim.agentId, claim.publishId, revision);
  } catch (error) {
    log.warn({ streamId, revision, err: error }, "change reaches the agent with its next usage report");
  }
}
