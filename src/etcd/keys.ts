import { invalidInput } from "../domain/errors.ts";

/** Under which all keys stand, unless a test asks for its own place. */
export const DEFAULT_PREFIX = "/rig/v1/";

/** Every key that rig has in etcd (spec/v1/etcd-keys.md); spelt nowhere else. */
export interface EtcdKeys {
  readonly prefix: string;
  /** On the process's lease: guard of every leased put. */
  alive(processId: string): string;
  /** One agent's own description, on its lease. */
  agent(agentId: string): string;
  readonly agents: string;
  /** One page of what an agent does now, on its lease. */
  livePage(agentId: string, page: number): string;
  livePages(agentId: string): string;
  readonly live: string;
  /** THE publisher of a stream, on its agent's lease. */
  publish(streamId: string): string;
  readonly publishes: string;
  /** The stream revision that an agent shall have applied for a publish. */
  wanted(agentId: string, publishId: string): string;
  wantedOf(agentId: string): string;
  readonly allWanted: string;
  /** An order to disconnect a publish. */
  drop(agentId: string, publishId: string): string;
  dropsOf(agentId: string): string;
  readonly allDrops: string;
  /** Who performs a duty, on its process's lease. */
  leader(duty: string): string;
  readonly leaders: string;
  /** The live tokens of one viewer session, named by its hash. */
  viewerSession(sessionHash: string): string;
  /** The segments of `key` that follow `prefix`. */
  segments(key: string, prefix: string): string[];
}

/** @throws RigError INVALID_INPUT for a prefix that is not of the form `/…/` */
export function etcdKeys(prefix: string = DEFAULT_PREFIX): EtcdKeys {
  if (!/^\/(.*\/)?$/.test(prefix))
    throw invalidInput("etcdPrefix", `must begin and end with a slash, got ${JSON.stringify(prefix)}`);
  const under = (folder: string, ...segments: string[]) => `${prefix}${folder}/${segments.map(segment).join("/")}`;
  const folder = (name: string, ...segments: string[]) =>
    `${under(name, ...segments)}${segments.length > 0 ? "/" : ""}`;
  return {
    prefix,
    alive: (processId) => under("alive", processId),
    agent: (agentId) => under("agents", agentId),
    agents: folder("agents"),
    livePage: (agentId, page) => under("live", agentId, String(page)),
    livePages: (agentId) => folder("live", agentId),
    live: folder("live"),
    publish: (streamId) => under("publishes", streamId),
    publishes: folder("publishes"),
    wanted: (agentId, publishId) => under("wanted", agentId, publishId),
    wantedOf: (agentId) => folder("wanted", agentId),
    allWanted: folder("wanted"),
    drop: (agentId, publishId) => under("drops", agentId, publishId),
    dropsOf: (agentId) => folder("drops", agentId),
    allDrops: folder("drops"),
    leader: (duty) => under("leaders", duty),
    leaders: folder("leaders"),
    viewerSession: (sessionHash) => under("tokens", sessionHash),
    segments: (key, start) => key.slice(start.length).split("/"),
  };
}

// A slash would reach into another's folder, and a control character would break every listing.
const SEGMENT = /^[^/\p{Cc}]{1,200}$/u;

function segment(text: string): string {
  if (!SEGMENT.test(text))
    throw invalidInput("key", `must be 1-200 characters without "/", got ${JSON.stringify(text)}`);
  return text;
}
