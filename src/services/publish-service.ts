import type { Actor } from "../domain/audit.ts";
import { RigError } from "../domain/errors.ts";
import { type AuthenticatePorts, authenticatePublish } from "./authenticate-publish.ts";
import type { Publish, Publishes, PublishStore, UsageStore } from "./publishes.ts";

export interface PublishPorts extends AuthenticatePorts {
  readonly publishes: PublishStore;
  readonly usage: Pick<UsageStore, "record">;
}

/** The server's use cases for agents, over its stores. */
export function publishService(ports: PublishPorts): Publishes {
  const { publishes, targets, usage, clock } = ports;

  /** @throws RigError PUBLISH_NOT_FOUND, FORBIDDEN */
  async function ownPublish(publishId: string, agentId: string): Promise<Publish & { readonly isOpen: boolean }> {
    const publish = await publishes.find(publishId);
    if (!publish) throw new RigError("PUBLISH_NOT_FOUND", `no publish ${JSON.stringify(publishId)}`);
    if (publish.agentId !== agentId) throw new RigError("FORBIDDEN", "the publish is another agent's");
    return publish;
  }

  return {
    authenticate: (attempt, actor) => authenticatePublish(ports, attempt, actor),
    async targets(publishId, agentId) {
      const { streamId, isOpen } = await ownPublish(publishId, agentId);
      if (!isOpen) throw new RigError("PUBLISH_NOT_FOUND", "the publish has ended"); // no more keys of its stream
      return targets.targets(streamId);
    },
    async end(publishId, agentId, reason, actor) {
      const { streamId } = await ownPublish(publishId, agentId);
      const detail = { reason, streamId, agentId };
      await publishes.close(publishId, reason, {
        at: clock.now(),
        actor,
        action: "publish.end",
        subject: publishId,
        detail,
      });
    },
    report(agentId, reports) {
      const at = clock.now();
      const actor: Actor = { kind: "agent", id: agentId };
      const reasons = new Map(reports.map(({ publishId, end }) => [publishId, end]));
      return usage.record(agentId, reports, at, (publishId, change) => ({
        ...{ at, actor, subject: publishId },
        action: change === "ended" ? "publish.end" : "publish.reopen",
        detail: { reason: reasons.get(publishId) ?? null, agentId },
      }));
    },
  };
}
