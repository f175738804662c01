import type { LoadedSettings } from "../config/load-settings.ts";
import type { SettingName, Settings } from "../config/settings.ts";
import type { MovedPort } from "../domain/rig-status.ts";
import { choosePort } from "../runtime/free-port.ts";
import { portHolder } from "../runtime/port-holder.ts";

/**
 * The settings with what only a platform on loopback may do: it pushes to private addresses too, unless that was set.
 * Nobody else reaches it, so nobody else can aim its relays at what stands beside it.
 */
export function withLoopbackDefaults({ settings, origins }: Loaded): Settings {
  const isLocal = [settings.serverHost, settings.ingestHost].every((host) =>
    /^(127\.|localhost$|::1$|\[::1\]$)/.test(host),
  );
  const isSet = origins.allowPrivateDestinations.kind !== "default";
  return isLocal && !isSet ? { ...settings, allowPrivateDestinations: true } : settings;
}

/** The ports that `rig up` listens on, with the address of each. */
const listeners = (settings: Settings): readonly (readonly [PortName, string])[] => [
  ["serverPort", settings.serverHost],
  ["streamServicePort", settings.streamServiceHost],
  ["workerPort", "127.0.0.1"],
  ["agentPort", settings.agentHost],
  ...(settings.ingestKind === "embedded" ? [["ingestPort", settings.ingestHost] as const] : []),
  ...(settings.etcdEndpoints.length === 0 ? [["etcdPort", "127.0.0.1"] as const] : []),
  ...(settings.databaseUrl === null ? [["databasePort", "127.0.0.1"] as const] : []),
];

type PortName = Extract<SettingName, `${string}Port`>;

type Loaded = Pick<LoadedSettings, "settings" | "origins">;

interface ChosenPorts {
  readonly settings: Settings;
  /** Those that became 0. */
  readonly movedPorts: readonly MovedPort[];
}

/**
 * The settings with ports that are free now. A default that is busy becomes 0: whoever listens takes a free one then,
 * for one that was chosen here could be taken meanwhile.
 * @throws RigError PORT_IN_USE for one that was set
 */
export const choosePorts = (loaded: Loaded): Promise<ChosenPorts> => choose(loaded, listeners(loaded.settings));

/** The same for a worker alone: many of them may run on one machine. @throws RigError PORT_IN_USE */
export const chooseWorkerPort = async (loaded: Loaded): Promise<Settings> =>
  (await choose(loaded, [["workerPort", "127.0.0.1"]])).settings;

async function choose({ settings, origins }: Loaded, ports: ReturnType<typeof listeners>): Promise<ChosenPorts> {
  const chosen: Partial<Record<PortName, number>> = {};
  const movedPorts: MovedPort[] = [];
  for (const [setting, host] of ports) {
    const explicit = origins[setting].kind !== "default";
    const port = settings[setting];
    const free = await choosePort({ port, host, explicit, setting });
    chosen[setting] = free === port ? port : 0;
    if (port !== 0 && free !== port) movedPorts.push({ setting, port, takenBy: await portHolder(port) });
  }
  return { settings: { ...settings, ...chosen }, movedPorts };
}
