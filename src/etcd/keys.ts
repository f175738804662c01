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
  /** What the last server said that it is by its clock. */
  readonly clock: string;
  readonly clocks: string;
  /** The live tokens of one viewer session, named by its hash. */
  viewerSession(sessionHash: string): string;
  readonly viewerSessions: string;
  /** Where the sessions stand whose hash begins with these digits. */
  viewerSessionsOf(firstDigits: string): string;
  /** What a server of viewer tokens says of itself, on its lease. */
  viewerServer(serverId: string): string;
  readonly viewerServers: string;
  readonly tasks: TaskKeys;
  /** The segments of `key` that follow `prefix`. */
  segments(key: string, prefix: string): string[];
}

/** The keys of tasks. A priority is 0 to 9, 9 first; an instant is in ms since the epoch. */
export interface TaskKeys {
  /** What was ordered; never changes. */
  task(kind: string, taskId: string): string;
  tasksOf(kind: string): string;
  readonly all: string;
  /** The index of what may run, in order: the highest priority first, then by id. */
  ready(kind: string, priority: number, taskId: string): string;
  readyOf(kind: string): string;
  readonly allReady: string;
  /** What waits for its time, in order of it. */
  delay(dueAt: number, kind: string, taskId: string): string;
  readonly allDelayed: string;
  /** Behind everything that was due up to then. */
  delayedUntil(instant: number): string;
  /** Who runs it, on that worker's lease. */
  claim(taskId: string): string;
  readonly claims: string;
  /** How far it is, on its worker's lease. */
  progress(taskId: string): string;
  readonly allProgress: string;
  cancel(taskId: string): string;
  readonly cancels: string;
  dead(kind: string, taskId: string): string;
  deadOf(kind: string): string;
  readonly allDead: string;
  result(taskId: string): string;
  readonly results: string;
  dedupe(kind: string, keyHash: string): string;
  readonly dedupes: string;
  /** One of the places of a limit, on the lease of the worker that has it. */
  place(limitName: string, number: number): string;
  readonly places: string;
  paused(kind: string): string;
  readonly allPaused: string;
  schedule(name: string): string;
  /** A running worker, on its lease. */
  worker(workerId: string): string;
  readonly workers: string;
  /** What a running worker has ended so far, on its lease. */
  tally(workerId: string): string;
  readonly tallies: string;
}

/** @throws RigError INVALID_INPUT for a prefix that is not of the form `/…/` */
export function etcdKeys(prefix: string = DEFAULT_PREFIX): EtcdKeys {
  if (!/^\/(.*\/)?$/.test(prefix))
    throw invalidInput("etcdPrefix", `must begin and end with a slash, got ${JSON.stringify(prefix)}`);
  const under: Spell = (folder, ...segments) => join(`${prefix}${folder}/`, segments);
  const folder: Spell = (name, ...segments) => `${under(name, ...segments)}${segments.length > 0 ? "/" : ""}`;
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
    clock: under("clocks", "servers"),
    clocks: folder("clocks"),
    viewerSession: (sessionHash) => under("tokens", sessionHash),
    viewerSessions: folder("tokens"),
    viewerSessionsOf: (firstDigits) => under("tokens", firstDigits),
    viewerServer: (serverId) => under("viewer-servers", serverId),
    viewerServers: folder("viewer-servers"),
    tasks: taskKeys(under, folder),
    segments: (key, start) => key.slice(start.length).split("/"),
  };
}

type Spell = (folder: string, ...segments: string[]) => string;

const taskKeys = (under: Spell, folder: Spell): TaskKeys => ({
  task: (kind, taskId) => under("tasks", "task", kind, taskId),
  tasksOf: (kind) => folder("tasks", "task", kind),
  all: folder("tasks", "task"),
  ready: (kind, priority, taskId) => under("tasks", "ready", kind, `${9 - priority}${taskId}`),
  readyOf: (kind) => folder("tasks", "ready", kind),
  allReady: folder("tasks", "ready"),
  delay: (dueAt, kind, taskId) => under("tasks", "delay", sortable(dueAt), kind, taskId),
  allDelayed: folder("tasks", "delay"),
  delayedUntil: (instant) => under("tasks", "delay", sortable(instant + 1)),
  claim: (taskId) => under("tasks", "claim", taskId),
  claims: folder("tasks", "claim"),
  progress: (taskId) => under("tasks", "progress", taskId),
  allProgress: folder("tasks", "progress"),
  cancel: (taskId) => under("tasks", "cancel", taskId),
  cancels: folder("tasks", "cancel"),
  dead: (kind, taskId) => under("tasks", "dead", kind, taskId),
  deadOf: (kind) => folder("tasks", "dead", kind),
  allDead: folder("tasks", "dead"),
  result: (taskId) => under("tasks", "result", taskId),
  results: folder("tasks", "result"),
  dedupe: (kind, keyHash) => under("tasks", "dedupe", kind, keyHash),
  dedupes: folder("tasks", "dedupe"),
  place: (limitName, number) => under("tasks", "sem", limitName, String(number)),
  places: folder("tasks", "sem"),
  paused: (kind) => under("tasks", "paused", kind),
  allPaused: folder("tasks", "paused"),
  schedule: (name) => under("tasks", "cron", name),
  worker: (workerId) => under("tasks", "worker", workerId),
  workers: folder("tasks", "worker"),
  tally: (workerId) => under("tasks", "tally", workerId),
  tallies: folder("tasks", "tally"),
});

/** An instant whose text sorts as it does. */
const sortable = (instant: number): string => String(Math.max(0, Math.ceil(instant))).padStart(15, "0");

// A slash would reach into another's folder, a control character would break every listing, and half a surrogate pair
// is written as U+FFFD, like any other half.
const SEGMENT = /^[^/\p{Cc}\p{Cs}]{1,200}$/u;

function join(start: string, segments: readonly string[]): string {
  let key = start;
  for (let i = 0; i < segments.length; i++) key += i === 0 ? segment(segments[i]) : `/${segment(segments[i])}`;
  return key;
}

const ORDINARY = /^[\w.:@-]{1,200}$/; // ids and names: known as such in a fifth of the time

function segment(text = ""): string {
  if (!ORDINARY.test(text) && !SEGMENT.test(text))
    throw invalidInput("key", `must be 1-200 characters without "/", got ${JSON.stringify(text)}`);
  return text;
}
