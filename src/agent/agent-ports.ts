import type {
  AgentRegistry,
  AgentStatus,
  DropOrders,
  LiveStatuses,
  OwnershipLease,
  StaleClaims,
  WantedRevisions,
} from "../services/coordination.ts";
import type { EdgePorts } from "../services/edge.ts";
import type { Ingest } from "../services/ingest.ts";

/** What the agent role is handed by the wiring. */
export interface AgentPorts extends Omit<EdgePorts, "changed" | "publishEnded" | "ingest"> {
  readonly ingest: Ingest;
  readonly lease: OwnershipLease;
  readonly staleClaims: StaleClaims;
  readonly live: LiveStatuses;
  readonly wanted: WantedRevisions;
  readonly dropOrders: DropOrders;
  readonly registry: AgentRegistry;
  readonly status: Pick<AgentStatus, "region" | "cluster" | "apiUrl" | "version">;
}
