import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { Secret } from "../../domain/secret.ts";
import { repeat } from "../../runtime/repeat.ts";
import type { Ingest, IngestHandlers, PublishDecision, PublisherRef } from "../../services/ingest.ts";
import { type HookAnswer, type HookHandler, listenForHooks } from "./hook-server.ts";
import { controlSocket, pidFile } from "./nginx-conf.ts";
import { type NginxControl, nginxControl } from "./nginx-control.ts";
import { readNginxInstance } from "./nginx-instance.ts";
import { type NginxPublishers, nginxPublishers } from "./nginx-publishers.ts";
import { removeStaleSocket } from "./stale-socket.ts";

/** An nginx-rtmp that runs beside the agent with the conf of nginx-conf.ts. */
export interface NginxIngestOptions {
  /** Where publishers push: rtmp://host:port/app */
  readonly publishUrl: string;
  readonly rtmpPort: number;
  readonly app: string;
  readonly runFolder: string;
  /** Where nginx sends its callbacks: a port on loopback that its conf names (`agentUrl`). */
  readonly hookListenPort: number;
  readonly hookSecret: Secret;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs?: number;
}

/** What the parts below share while `run` runs. */
interface Attached {
  readonly options: NginxIngestOptions;
  readonly control: NginxControl;
  readonly publishers: NginxPublishers;
  readonly handlers: IngestHandlers;
}

const POLL_MS = 1500;
const DECIDE_MS = 3700; // nginx's own limits: 4 s at its proxy, 5 s at the publisher's connection
const DROP_TRIES = 8; // between the answer to on_publish and the publisher's place in nginx's books lies a moment
const DROP_PAUSE_MS = 100;

/** An ingest that outlives the agent: nginx-rtmp (field notes in protocols.md; one contract suite with the embedded ingest). */
export function nginxIngest(options: NginxIngestOptions): Ingest {
  const { publishUrl, rtmpPort, app, runFolder, clock } = options;
  const control = nginxControl(controlSocket(runFolder));
  let attached: Attached | null = null;
  return {
    publishUrl,
    keepsGop: false,
    pullUrl: (localName, relayId) =>
      `rtmp://127.0.0.1:${rtmpPort}/${app}/${localName}?relay=${encodeURIComponent(relayId)}`, // never ::1: only 127.0.0.1 may play
    async run(handlers, ready, signal) {
      const publishers = nginxPublishers(clock.monotonic, handlers.ended);
      attached = { options, control, publishers, handlers };
      await serve(attached, ready, signal);
      attached = null;
    },
    drop: (publisher) => dropPublisher(publisher, options, control, attached?.publishers ?? null),
    async endPlayer(localName, relayId) {
      const clientId = attached?.publishers.playerOf(localName, relayId) ?? null;
      return clientId !== null && control.dropPlayer({ app, localName, clientId });
    },
    async stat() {
      const [ingestInstance, { publishers }] = await Promise.all([
        readNginxInstance(pidFile(runFolder)),
        control.stat(),
      ]);
      if (ingestInstance === null) throw new RigError("INGEST_UNREACHABLE", "nginx does not run");
      return publishers
        .filter((publisher) => publisher.app === app)
        .map(({ app: _, ...publisher }) => ({ ingestInstance, videoFrames: 0, audioFrames: 0, ...publisher })); // it counts no frames
    },
  };
}

async function serve(attached: Attached, ready: () => void, signal: AbortSignal): Promise<void> {
  const {
    hookListenPort: port,
    hookSecret: secret,
    runFolder,
    clock,
    log,
    pollMs: everyMs = POLL_MS,
  } = attached.options;
  const hooks = await listenForHooks({ port, secret }, answerHooks(attached));
  ready();
  const attempt = () =>
    reconcile(attached).catch(async (error: unknown) => {
      await removeStaleSocket(controlSocket(runFolder), clock, signal);
      throw error;
    });
  await repeat({ everyMs, failure: "nginx is not reachable", clock, log }, attempt, signal);
  await hooks.close();
}

/** Compares what the callbacks told with what nginx shows. @throws RigError INGEST_UNREACHABLE */
async function reconcile({ options, control, publishers }: Attached): Promise<void> {
  const instance = await readNginxInstance(pidFile(options.runFolder));
  const stat = instance === null ? null : await control.stat();
  publishers.reconcile(instance, stat);
  if (instance === null) throw new RigError("INGEST_UNREACHABLE", "nginx does not run");
  for (const { app, localName, clientId } of stat?.publishers ?? []) {
    if (app !== options.app || publishers.find({ ingestInstance: instance, clientId })) continue;
    // Accepted by an agent that is dead, with its relays: dropped, the encoder comes back and is authenticated anew.
    options.log.warn({ clientId, localName }, "dropping a publisher of an earlier agent");
    await control.dropPublisher({ app, localName, clientId });
  }
}

const answerHooks =
  (attached: Attached): HookHandler =>
  async (call, form, signal) => {
    const clientId = form.get("clientid") ?? "";
    const name = form.get("name") ?? "";
    if (!/^\d{1,20}$/.test(clientId)) return { status: 403 };
    if (call === "on_play") {
      const relayId = form.get("relay") ?? null;
      if (relayId !== null) attached.publishers.playerWaiting(name, relayId, clientId);
      attached.handlers.playerWaiting({ localName: name, relayId, clientId });
      return { status: 204 };
    }
    const ingestInstance = await readNginxInstance(pidFile(attached.options.runFolder));
    if (ingestInstance === null) return { status: 403 };
    if (call === "on_publish") return decide(attached, { ingestInstance, clientId }, form, signal);
    attached.publishers.done({ ingestInstance, clientId });
    return { status: 204 };
  };

async function decide(
  { options, publishers, handlers }: Attached,
  publisher: PublisherRef,
  form: ReadonlyMap<string, string>,
  gone: AbortSignal,
): Promise<HookAnswer> {
  const request = {
    ...publisher,
    app: form.get("app") ?? "",
    streamKey: new Secret(form.get("name") ?? ""),
    clientAddress: form.get("addr") ?? "",
  };
  const over = new AbortController();
  const limit = options.clock.sleep(DECIDE_MS, gone).then(() => over.abort());
  const pending = handlers.decide(request, over.signal);
  await Promise.race([pending, limit]);
  const isLate = over.signal.aborted;
  const decision = await pending;
  if (isLate && decision.accepted) handlers.ended(publisher, "disconnected"); // nobody takes the yes any more
  if (isLate) return { status: 403 };
  if (!decision.accepted) return { status: 403 };
  if (!isPlainName(decision)) {
    options.log.error({ clientId: publisher.clientId }, "publish refused: its local name cannot stand in a Location");
    handlers.ended(publisher, "disconnected");
    return { status: 403 };
  }
  publishers.accept(publisher, decision.localName);
  return { status: 302, location: decision.localName };
}

const isPlainName = (decision: PublishDecision & { accepted: true }) => /^[\w-]{1,128}$/.test(decision.localName);

async function dropPublisher(
  publisher: PublisherRef,
  { app, runFolder, clock }: NginxIngestOptions,
  control: NginxControl,
  publishers: NginxPublishers | null,
): Promise<boolean> {
  const { clientId } = publisher;
  const limit = AbortSignal.timeout(DROP_TRIES * DROP_PAUSE_MS);
  if ((await readNginxInstance(pidFile(runFolder))) !== publisher.ingestInstance) return false; // gone with its nginx
  for (let tries = 0; tries < DROP_TRIES && !limit.aborted; tries++) {
    const entry = publishers?.find(publisher) ?? null;
    if (tries > 0 && !entry) return false;
    const localName = entry?.localName ?? (await nameOf(clientId, app, control));
    if (localName === null) return false;
    if (entry) entry.dropped = true; // before the callback can say that it is gone
    if (await control.dropPublisher({ app, localName, clientId })) return true;
    await clock.sleep(DROP_PAUSE_MS, limit);
  }
  return false;
}

const nameOf = async (clientId: string, app: string, control: NginxControl): Promise<string | null> =>
  (await control.stat()).publishers.find((each) => each.app === app && each.clientId === clientId)?.localName ?? null;
