import type { Duplex } from "node:stream";
import { commandMessage, objectArg, type RtmpCommand, readCommand, statusMessage, textArg } from "./command.ts";
import { DEFAULT_LIMITS, type RtmpClock, type RtmpLimits } from "./limits.ts";
import { RtmpLink } from "./link.ts";
import { mediaOf } from "./media-message.ts";
import { CONTROL, MESSAGE, numberMessage, peerBandwidth, type RtmpMessage, userControl } from "./message.ts";
import { RtmpError } from "./rtmp-error.ts";
import type { PlaySession, PublishSink, PublishVerdict, RtmpHandlers } from "./server-handlers.ts";
import { RtmpPlayer } from "./server-player.ts";

export interface ServerOptions {
  readonly clock: RtmpClock;
  readonly limits?: Partial<RtmpLimits>;
}

/** What the connection is to the server now; it has one role at a time. */
type Role =
  | { readonly kind: "none" }
  | { readonly kind: "offered"; readonly leave: AbortController; readonly held: RtmpMessage[]; heldBytes: number }
  | { readonly kind: "publisher"; readonly sink: PublishSink; readonly streamId: number; isLeaving: boolean }
  | { readonly kind: "player"; readonly session: PlaySession; readonly streamId: number };

const NONE: Role = { kind: "none" };
const SERVER = { fmsVer: "FMS/3,0,1,123", capabilities: 31 };
const CONNECTED = {
  level: "status",
  code: "NetConnection.Connect.Success",
  description: "Connection succeeded.",
  objectEncoding: 0, // whatever was asked for: AMF0 alone
};
const UNKNOWN_COMMAND = { level: "error", code: "NetConnection.Call.Failed", description: "unknown command" };

/** The app without its query and without the slashes that encoders leave at its end. */
const appName = (app: string): string => (app.split("?", 1)[0] ?? "").replace(/\/+$/, "");

/** The server's side of one connection: answers commands, asks the handlers for a verdict, hands media over. */
export class RtmpServerConnection {
  /** Resolves when the connection is closed: with the fault, or null after an orderly end. Never rejects. */
  readonly closed: Promise<RtmpError | null>;
  readonly #link: RtmpLink;
  readonly #limits: RtmpLimits;
  readonly #handlers: RtmpHandlers;
  readonly #netStreams = new Set<number>();
  #app: string | null = null;
  #role: Role = NONE;
  #commands = 0;

  constructor(duplex: Duplex, handlers: RtmpHandlers, { clock, limits }: ServerOptions) {
    this.#handlers = handlers;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    let settle: (error: RtmpError | null) => void = () => {};
    const ended = new Promise<RtmpError | null>((resolve) => {
      settle = resolve;
    });
    this.#link = new RtmpLink(
      duplex,
      { role: "server", clock, limits: this.#limits },
      {
        ready: () => this.#link.expect("connect", this.#limits.connectMs),
        message: (message) => this.#receive(message),
        closed: (error) => {
          this.#leave("closed");
          settle(error);
        },
      },
    );
    this.closed = this.#link.finished.then(() => ended);
  }

  /** All bytes that came, handshake included. */
  get bytesIn(): number {
    return this.#link.bytesIn;
  }

  /** Stops taking bytes: the peer is held back by TCP. */
  pauseReading(): void {
    this.#link.pauseReading();
  }

  resumeReading(): void {
    this.#link.resumeReading();
  }

  /** Ends in order: what is queued is flushed first. */
  end(): void {
    this.#link.end();
  }

  /** Ends at once. */
  destroy(): void {
    this.#link.fail(null);
  }

  #receive(message: RtmpMessage): void {
    if (message.type === MESSAGE.command || message.type === MESSAGE.commandAmf3) this.#command(message);
    else if (this.#role.kind === "publisher") for (const media of mediaOf(message)) this.#role.sink.message(media);
    else if (this.#role.kind === "offered") this.#hold(this.#role, message);
  }

  #hold(offered: Role & { kind: "offered" }, message: RtmpMessage): void {
    offered.held.push(message);
    offered.heldBytes += message.payload.length + 64; // an empty message takes room too
    if (offered.heldBytes > this.#limits.maxHeldBytes) this.#link.pauseReading();
  }

  #command(message: RtmpMessage): void {
    const command = message.payload.length > this.#limits.maxCommandBytes ? null : readCommand(message);
    if (!command) throw new RtmpError("PROTOCOL", "a command that cannot be read");
    if (this.#role.kind === "none" && ++this.#commands > this.#limits.maxCommands)
      throw new RtmpError("LIMIT", "too many commands");
    if (command.name === "connect") this.#connect(command);
    else if (this.#app === null) throw new RtmpError("PROTOCOL", "a command before connect");
    else if (command.name === "publish") this.#publish(command, this.#app);
    else if (command.name === "play") this.#play(command, this.#app);
    else this.#answer(command);
  }

  #connect({ transaction, args }: RtmpCommand): void {
    if (this.#app !== null) throw new RtmpError("PROTOCOL", "connect twice");
    const app = appName(textArg(objectArg(args[0]).app));
    const refused = this.#handlers.connect?.(app);
    if (refused) {
      const status = { level: "error", code: "NetConnection.Connect.Rejected", description: refused.refusal };
      this.#link.send(commandMessage("_error", transaction, [null, status]));
      this.#link.end();
      return;
    }
    this.#app = app;
    this.#link.expect("publish or play", this.#limits.roleMs);
    this.#link.send(numberMessage(MESSAGE.windowAckSize, this.#limits.windowBytes));
    this.#link.send(peerBandwidth(this.#limits.windowBytes));
    this.#link.setChunkSize(this.#limits.chunkSize);
    this.#link.send(commandMessage("_result", transaction, [SERVER, CONNECTED]));
  }

  #answer({ name, transaction, args, streamId }: RtmpCommand): void {
    const result = (...values: (number | null)[]) => {
      if (transaction !== 0) this.#link.send(commandMessage("_result", transaction, [null, ...values]));
    };
    switch (name) {
      case "createStream":
        result(this.#createStream());
        break;
      case "FCPublish":
      case "FCUnpublish": {
        // ffmpeg closes right after it: its deleteStream may be lost when our answer meets a closed port
        if (name === "FCUnpublish" && this.#role.kind === "publisher") this.#role.isLeaving = true;
        const code = name === "FCPublish" ? "NetStream.Publish.Start" : "NetStream.Unpublish.Success";
        this.#link.send(commandMessage(`on${name}`, 0, [null, { code, description: textArg(args[1]) }]));
        result();
        break;
      }
      case "deleteStream":
      case "closeStream":
        this.#closeStream(typeof args[1] === "number" ? args[1] : streamId);
        break;
      case "getStreamLength":
        result(0);
        break;
      case "releaseStream":
      case "_checkbw":
        result();
        break;
      case "_result":
      case "_error":
        break; // answers to nothing that we asked
      default:
        if (transaction !== 0) this.#link.send(commandMessage("_error", transaction, [null, UNKNOWN_COMMAND]));
    }
  }

  #createStream(): number {
    let id = 1;
    while (this.#netStreams.has(id)) id += 1;
    if (id > this.#limits.maxNetStreams) throw new RtmpError("LIMIT", "too many net streams");
    this.#netStreams.add(id);
    return id;
  }

  #closeStream(id: number): void {
    this.#netStreams.delete(id);
    const role = this.#role;
    if (role.kind === "none" || (role.kind !== "offered" && role.streamId !== id)) return;
    this.#leave("unpublished");
    this.#link.allowMessages(this.#limits.maxCommandBytes);
    this.#link.expect("publish or play", this.#limits.roleMs);
  }

  #publish({ args, streamId }: RtmpCommand, app: string): void {
    if (this.#role.kind !== "none") {
      this.#refuse(streamId, "Publish.BadName", "one role at a time");
      return;
    }
    const offered: Role = { kind: "offered", leave: new AbortController(), held: [], heldBytes: 0 };
    this.#role = offered;
    this.#link.relax(); // how long a verdict may take is the handler's business
    this.#link.allowMessages(this.#limits.maxMessageBytes);
    void this.#decide(app, textArg(args[1]), offered.leave.signal).then((verdict) =>
      this.#link.guard(() => {
        const isGone = this.#role !== offered;
        if (isGone && "sink" in verdict) verdict.sink.ended("closed");
        else if (!isGone && "sink" in verdict) this.#startPublish(offered.held, verdict.sink, streamId);
        else if (!isGone && "refusal" in verdict) this.#refuse(streamId, "Publish.BadName", verdict.refusal);
      }),
    );
  }

  async #decide(app: string, name: string, signal: AbortSignal): Promise<PublishVerdict> {
    try {
      return await this.#handlers.publish({ app, name }, signal);
    } catch {
      return { refusal: "the server cannot decide now" }; // the handler's own log has the reason
    }
  }

  #startPublish(held: readonly RtmpMessage[], sink: PublishSink, streamId: number): void {
    this.#role = { kind: "publisher", sink, streamId, isLeaving: false };
    this.#link.send(userControl(CONTROL.streamBegin, streamId));
    this.#link.send(statusMessage(streamId, "status", "NetStream.Publish.Start", "publishing"));
    for (const message of held) this.#receive(message);
    this.#link.resumeReading();
  }

  #refuse(streamId: number, what: "Publish.BadName" | "Play.Failed", description: string): void {
    this.#leave("closed");
    this.#link.send(statusMessage(streamId, "error", `NetStream.${what}`, description));
    this.#link.end();
  }

  #play({ args, streamId }: RtmpCommand, app: string): void {
    const session =
      this.#role.kind === "none"
        ? this.#handlers.play({ app, name: textArg(args[1]) })
        : { refusal: "one role at a time" };
    if ("refusal" in session) {
      this.#refuse(streamId, "Play.Failed", session.refusal);
      return;
    }
    this.#role = { kind: "player", session, streamId };
    this.#link.relax();
    this.#link.send(userControl(CONTROL.streamBegin, streamId));
    this.#link.send(statusMessage(streamId, "status", "NetStream.Play.Reset", "playing and resetting"));
    this.#link.send(statusMessage(streamId, "status", "NetStream.Play.Start", "playing"));
    session.started(new RtmpPlayer(this.#link, streamId, this.#limits.playerEndMs));
  }

  /** Gives the role up and tells whoever has to know. */
  #leave(how: "unpublished" | "closed"): void {
    const role = this.#role;
    this.#role = NONE;
    if (role.kind === "offered") role.leave.abort();
    if (role.kind === "publisher") role.sink.ended(role.isLeaving ? "unpublished" : how);
    if (role.kind === "player") role.session.stopped();
  }
}
