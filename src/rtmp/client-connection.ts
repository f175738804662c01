import type { Duplex } from "node:stream";
import type { AmfValue } from "./amf0.ts";
import { RtmpPlayback, RtmpPublisher } from "./client-roles.ts";
import { commandMessage, objectArg, type RtmpCommand, readCommand, textArg } from "./command.ts";
import { DEFAULT_LIMITS, type RtmpClock, type RtmpLimits } from "./limits.ts";
import { RtmpLink } from "./link.ts";
import { mediaOf } from "./media-message.ts";
import { CONTROL, MESSAGE, type MediaMessage, type RtmpMessage, readUserControl, userControl } from "./message.ts";
import { RtmpError } from "./rtmp-error.ts";

export interface ClientOptions {
  readonly app: string;
  /** rtmp://host:port/app, as the server wants to read it. */
  readonly tcUrl: string;
  readonly clock: RtmpClock;
  readonly limits?: Partial<RtmpLimits>;
  /** Cuts the connection at any time. */
  readonly signal?: AbortSignal;
}

const PLAYER_BUFFER_MS = 3_000;
const ENDS_OF_PLAY = new Set(["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop", "NetStream.Play.Complete"]);

/** Somebody who waits for an answer; one that rejects with an RtmpError. */
interface Waiter {
  readonly resolve: (args: readonly AmfValue[]) => void;
  readonly reject: (error: RtmpError) => void;
}

/** The client's side of one connection, which publishes or plays one name. Made by `connectRtmp` or `connectOver`. */
export class RtmpClient {
  /** Resolves when the connection is closed: with the fault, or null after an orderly end. Never rejects. */
  readonly closed: Promise<RtmpError | null>;
  readonly #link: RtmpLink;
  readonly #limits: RtmpLimits;
  readonly #options: ClientOptions;
  readonly #answers = new Map<number, Waiter>();
  #status: Waiter | null = null;
  #playback: RtmpPlayback | null = null;
  #transaction = 0;
  #fault: RtmpError | null = null;
  #connected: Promise<unknown> = Promise.resolve();

  constructor(duplex: Duplex, options: ClientOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    let settle: (error: RtmpError | null) => void = () => {};
    const ended = new Promise<RtmpError | null>((resolve) => {
      settle = resolve;
    });
    let start: () => void = () => {};
    const ready = new Promise<void>((resolve) => {
      start = resolve;
    });
    this.#link = new RtmpLink(
      duplex,
      { role: "client", clock: options.clock, limits: this.#limits },
      {
        ready: start,
        message: (message) => this.#receive(message),
        closed: (error) => {
          this.#abandon(error ?? new RtmpError("CLOSED", "the server closed the connection"));
          start(); // who waits for the handshake learns it too
          settle(error);
        },
      },
    );
    this.closed = this.#link.finished.then(() => ended);
    this.#connected = ready.then(() => this.#connect());
    this.#connected.catch(() => {}); // `connected` hands it to whoever asks
    const cut = () => this.destroy();
    options.signal?.addEventListener("abort", cut, { once: true });
    void this.closed.then(() => options.signal?.removeEventListener("abort", cut));
    if (options.signal?.aborted) cut();
  }

  get isOpen(): boolean {
    return this.#link.isOpen;
  }

  /** Resolves when the server has accepted `connect`. @throws RtmpError */
  async connected(): Promise<this> {
    await this.#connected;
    return this;
  }

  /** Asks to publish this name. @throws RtmpError REFUSED, with the server's `status` */
  async publish(name: string): Promise<RtmpPublisher> {
    this.#link.send(commandMessage("releaseStream", this.#next(), [null, name])); // some servers want these two,
    this.#link.send(commandMessage("FCPublish", this.#next(), [null, name])); // and their answers tell nothing
    const streamId = await this.#createStream();
    await this.#ask(commandMessage("publish", this.#next(), [null, name, "live"], streamId));
    return new RtmpPublisher(this.#link, name, streamId, this.closed);
  }

  /** Asks to play this name; each message is handed over as it comes. @throws RtmpError REFUSED */
  async play(name: string, onMessage: (message: MediaMessage) => void): Promise<RtmpPlayback> {
    const streamId = await this.#createStream();
    const playback = new RtmpPlayback(this.#link, onMessage, this.closed);
    this.#playback = playback; // media may follow in the same read as the answer
    this.#link.allowMessages(this.#limits.maxMessageBytes);
    this.#link.send(userControl(CONTROL.setBufferLength, streamId, PLAYER_BUFFER_MS));
    await this.#ask(commandMessage("play", this.#next(), [null, name, -2000], streamId));
    return playback;
  }

  /** Ends in order and resolves when the connection is closed. */
  async end(): Promise<void> {
    this.#link.end();
    await this.closed;
  }

  /** Ends at once. */
  destroy(): void {
    this.#link.fail(null);
  }

  async #connect(): Promise<void> {
    this.#link.expect("answer to connect", this.#limits.connectMs);
    this.#link.setChunkSize(this.#limits.chunkSize);
    const { app, tcUrl } = this.#options;
    await this.#call("connect", { app, type: "nonprivate", flashVer: "FMLE/3.0 (compatible; rig)", tcUrl });
    this.#link.relax();
  }

  async #createStream(): Promise<number> {
    this.#link.expect("answer to createStream", this.#limits.roleMs);
    const [, streamId] = await this.#call("createStream", null);
    if (typeof streamId === "number") return streamId;
    throw new RtmpError("PROTOCOL", "createStream was answered without a stream");
  }

  /** Sends a `publish` or `play` and waits for its status. */
  async #ask(message: RtmpMessage): Promise<void> {
    this.#link.expect("answer to publish or play", this.#limits.roleMs);
    await this.#wait((waiter) => {
      this.#status = waiter;
      this.#link.send(message);
    });
    this.#link.relax();
  }

  #next(): number {
    this.#transaction += 1;
    return this.#transaction;
  }

  /** The answer's values. */
  async #call(name: string, ...args: AmfValue[]): Promise<readonly AmfValue[]> {
    const transaction = this.#next();
    return await this.#wait((waiter) => {
      this.#answers.set(transaction, waiter);
      this.#link.send(commandMessage(name, transaction, args));
    });
  }

  async #wait(send: (waiter: Waiter) => void): Promise<readonly AmfValue[]> {
    if (!this.#link.isOpen) throw this.#fault ?? new RtmpError("CLOSED", "the connection is closed");
    return await new Promise((resolve, reject) => send({ resolve, reject }));
  }

  #abandon(error: RtmpError): void {
    this.#fault = error;
    for (const waiter of this.#answers.values()) waiter.reject(error);
    this.#answers.clear();
    this.#status?.reject(error);
    this.#status = null;
    this.#playback?.finish();
  }

  #receive(message: RtmpMessage): void {
    if (message.type === MESSAGE.command || message.type === MESSAGE.commandAmf3) {
      const command = message.payload.length > this.#limits.maxCommandBytes ? null : readCommand(message);
      if (!command) throw new RtmpError("PROTOCOL", "a command that cannot be read");
      this.#command(command);
    } else if (message.type === MESSAGE.userControl) {
      if (readUserControl(message.payload)?.event === CONTROL.streamEof) this.#playback?.finish();
    } else for (const media of mediaOf(message)) this.#playback?.take(media);
  }

  #command({ name, transaction, args }: RtmpCommand): void {
    if (name === "onStatus") this.#takeStatus(args);
    const waiter = this.#answers.get(transaction);
    if (!waiter || (name !== "_result" && name !== "_error")) return;
    this.#answers.delete(transaction);
    if (name === "_result") waiter.resolve(args);
    else waiter.reject(refusal(args));
  }

  #takeStatus(args: readonly AmfValue[]): void {
    const { level, code } = objectArg(args[1]);
    if (ENDS_OF_PLAY.has(textArg(code))) this.#playback?.finish();
    const hasStarted = code === "NetStream.Publish.Start" || code === "NetStream.Play.Start";
    if (level !== "error" && !hasStarted) return;
    if (level !== "error") this.#status?.resolve(args);
    else if (this.#status) this.#status.reject(refusal(args));
    else throw refusal(args); // an error while publishing or playing: the server has ended it
    this.#status = null;
  }
}

/** What the server said, as an error. */
function refusal(args: readonly AmfValue[]): RtmpError {
  const { code, description } = objectArg(args[1]);
  const status = textArg(code);
  return new RtmpError("REFUSED", [status, textArg(description)].filter(Boolean).join(": ") || "refused", { status });
}
