import { isIPv4 } from "node:net";
import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";
import { Secret } from "../../domain/secret.ts";
import type { RtmpAcceptance } from "../../rtmp/listener.ts";
import type { RtmpServerConnection } from "../../rtmp/server-connection.ts";
import type { PlaySession, PublishOffer, PublishVerdict } from "../../rtmp/server-handlers.ts";
import type { IngestHandlers, PublisherRef } from "../../services/ingest.ts";
import type { Admission } from "./connection-limits.ts";
import { decidePublish } from "./decision.ts";
import type { IngestLimits } from "./ingest-limits.ts";
import type { LiveNames } from "./live-names.ts";
import { LivePlayer } from "./live-player.ts";
import { LivePublish } from "./live-publish.ts";
import { readStreamName } from "./stream-name.ts";

/** What every connection of one ingest shares. */
export interface Edge {
  readonly app: string;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: IngestLimits;
  readonly names: LiveNames;
  readonly handlers: IngestHandlers;
}

/** Relays pull from this host; nobody else may play. */
const isLoopback = (address: string): boolean => address === "::1" || (isIPv4(address) && address.startsWith("127."));

/** One connection to the ingest, from its first byte: it becomes a publisher, a player, or is shown the door. */
export class EdgeConnection implements RtmpAcceptance {
  readonly handlers = {
    connect: (app: string) => (app === this.#edge.app ? null : { refusal: "no such application" }),
    publish: (offer: PublishOffer, signal: AbortSignal) => this.#publish(offer, signal),
    play: (offer: PublishOffer) => this.#play(offer),
  };
  readonly #edge: Edge;
  readonly #publisher: PublisherRef;
  readonly #address: string;
  readonly #admission: Admission;
  #connection: RtmpServerConnection | null = null;

  constructor(edge: Edge, clientId: string, address: string, admission: Admission) {
    this.#edge = edge;
    this.#publisher = { ingestInstance: edge.instance, clientId };
    this.#address = address;
    this.#admission = admission;
  }

  opened(connection: RtmpServerConnection): void {
    this.#connection = connection;
    void connection.closed.then((error) => {
      this.#admission.leave();
      if (!error) return;
      const fields = { clientId: this.#publisher.clientId, address: this.#address, code: error.code, err: error };
      if (error.code === "HANDLER") this.#edge.log.error(fields, "connection handling failed");
      else this.#edge.log.debug(fields, "connection failed");
    });
  }

  async #publish({ app, name }: PublishOffer, signal: AbortSignal): Promise<PublishVerdict> {
    const { handlers, clock, limits, log, names } = this.#edge;
    const streamKey = new Secret(readStreamName(name).name);
    const request = { ...this.#publisher, app, streamKey, clientAddress: this.#address };
    const decision = await decidePublish(request, { handlers, clock, limitMs: limits.decisionMs }, signal);
    const { clientId } = this.#publisher;
    if (!decision.accepted) {
      log.info({ clientId, address: this.#address, code: decision.code }, "publish refused");
      return { refusal: `${decision.code}: ${decision.message}` };
    }
    if (!this.#connection || names.find(decision.localName)?.publish) {
      log.error({ clientId, localName: decision.localName }, "local name given twice");
      handlers.ended(this.#publisher, "disconnected");
      return { refusal: "STREAM_IN_USE: already live" };
    }
    this.#admission.accept();
    return this.#start(decision.localName, this.#connection);
  }

  #start(localName: string, connection: RtmpServerConnection): PublishVerdict {
    const { handlers, clock, limits, log, names } = this.#edge;
    const { clientId } = this.#publisher;
    const name = names.open(localName);
    const publish = new LivePublish({
      publisher: this.#publisher,
      localName,
      connection,
      players: name.players,
      gopMaxBytes: limits.gopMaxBytes,
      monotonic: () => clock.monotonic(),
    });
    name.publish = publish;
    log.info({ clientId, localName, address: this.#address, waiting: name.players.size }, "publish started");
    return {
      sink: {
        message: (message) => publish.take(message),
        ended: (how) => {
          const reason = publish.endedBy ?? (how === "unpublished" ? how : "disconnected");
          log.info({ clientId, localName, reason, bytesIn: connection.bytesIn }, "publisher gone");
          name.publish = null;
          names.endPlayers(name);
          names.release(localName);
          connection.end(); // one connection is one publish
          handlers.ended(this.#publisher, reason, connection.bytesIn);
        },
      },
    };
  }

  #play(offer: PublishOffer): PlaySession | { readonly refusal: string } {
    const { handlers, limits, log, names } = this.#edge;
    const { name: localName, query } = readStreamName(offer.name);
    if (!isLoopback(this.#address) || localName === "") return { refusal: "nothing to play here" };
    const { clientId } = this.#publisher;
    const relayId = query.get("relay");
    let player: LivePlayer | null = null;
    this.#admission.accept();
    return {
      started: (rtmpPlayer) => {
        player = new LivePlayer(rtmpPlayer, { clientId, relayId }, limits.playerMaxQueuedBytes);
        const name = names.open(localName);
        name.publish?.join(player);
        name.players.add(player);
        handlers.playerWaiting({ localName, relayId, clientId });
      },
      stopped: () => {
        if (!player) return;
        if (player.lostFrames > 0)
          log.warn({ clientId, localName, relayId, lostFrames: player.lostFrames }, "player lost frames");
        names.find(localName)?.players.delete(player);
        names.release(localName);
      },
    };
  }
}
