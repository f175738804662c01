import { type ApiPorts, headerNow, type Unary } from "./api-ports.ts";
import { refuse } from "./store-error.ts";
import { enumField, idField, type Wire } from "./wire/fields.ts";

// the API that it answers, not a release of etcd
const API_VERSION = "3.4.0";

type Ports = Pick<ApiPorts, "engine" | "snapshots" | "member">;

/** What operators ask: state and sizes, the alarm, a smaller log. */
export function maintenanceCalls(ports: Ports): [string, Unary][] {
  return [
    ["Maintenance.Status", async () => status(ports)],
    ["Maintenance.Alarm", (request) => alarm(ports, request)],
    [
      "Maintenance.Defragment",
      async () => {
        await ports.snapshots.take().catch((error: unknown) => Promise.reject(refuse.notDefragmented(error)));
        return { header: headerNow(ports) };
      },
    ],
  ];
}

/** `dbSize` is what stands on disk, `dbSizeInUse` what the quota counts. */
function status(ports: Ports): Wire {
  const { engine, snapshots, member } = ports;
  const revision = String(engine.hub.durableRevision);
  return {
    header: headerNow(ports),
    version: API_VERSION,
    dbSize: String(snapshots.diskBytes),
    leader: member.memberId,
    raftIndex: revision,
    raftTerm: "1",
    raftAppliedIndex: revision,
    errors: engine.machine.noSpace ? [`memberID:${member.memberId} alarm:NOSPACE `] : [],
    dbSizeInUse: String(engine.machine.keyspace.bytes),
    isLearner: false,
  };
}

/** The one alarm there is, NOSPACE of the one member; requests for others find nothing. */
async function alarm(ports: Ports, request: Wire): Promise<Wire> {
  const { engine, member } = ports;
  const action = enumField(request.action, ["get", "activate", "deactivate"], ["Get", "Activate", "Deactivate"]);
  const kind = enumField(request.alarm, ["none", "noSpace", "corrupt"], ["None", "Nospace", "Corrupt"]);
  const isOurs = ["0", member.memberId].includes(idField(request.memberID));
  const changes = action !== "get" && kind === "noSpace" && isOurs;
  const shown = await engine.perform((machine) => {
    const wasOn = machine.noSpace;
    if (changes) machine.alarm(action === "activate");
    return action === "get" ? wasOn && kind !== "corrupt" : changes && (wasOn || machine.noSpace);
  });
  return { header: headerNow(ports), alarms: shown ? [{ memberID: member.memberId, alarm: "Nospace" }] : [] };
}
