import type { AgentRegistry } from "../../services/coordination.ts";
import type { Publishes } from "../../services/publishes.ts";
import type { Handlers } from "../handlers.ts";

type AgentRoutes = "startPublish" | "getTargets" | "endPublish" | "reportUsage" | "listAgents";

/** Handlers of what agents ask, each for its own publishes only, and of the list of agents. */
export const publishHandlers = (publishes: Publishes, agents: Pick<AgentRegistry, "list">): Handlers<AgentRoutes> => ({
  startPublish: ({ body, actor }) => publishes.authenticate({ ...body, agentId: actor.id }, actor),
  getTargets: ({ params, actor }) => publishes.targets(params.publishId, actor.id),
  async endPublish({ params, body, actor }) {
    await publishes.end(params.publishId, actor.id, body.reason, actor);
    return null;
  },
  reportUsage: async ({ body, actor }) => ({ answers: await publishes.report(actor.id, body.reports) }),
  listAgents: () => agents.list(),
});
