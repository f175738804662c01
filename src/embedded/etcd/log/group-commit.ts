import { setImmediate as nextTurn } from "node:timers/promises";
import { ByteWriter } from "./byte-writer.ts";
import { type Entry, writeEntry } from "./entry.ts";
import { FRAME_HEAD_BYTES, sealFrame } from "./frame.ts";
import { createLogFile, type LogFile } from "./log-file.ts";

// A batch that is full waits for the next fdatasync; one frame is what a torn write can lose.
const BATCH_BYTES = 8 * 1_024 * 1_024;

interface Batch {
  readonly writer: ByteWriter;
  /** The entries up to this one are in it or before it. */
  lastPosition: number;
  /** The store's revision behind its last entry. */
  revision: number;
  /** Where a new segment begins behind it: who wants to know. */
  rotation: { resolve: (next: NextSegment) => void; reject: (error: unknown) => void } | null;
}

/** The segment that a rotation began, and the sequence number of its first frame. */
export interface NextSegment {
  readonly segment: number;
  readonly sequence: number;
}

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Options {
  readonly folder: string;
  readonly file: LogFile;
  /** The sequence number of the next frame. */
  readonly sequence: number;
  /** Called when everything up to this revision is on disk, before those who wait for it go on. */
  readonly onDurable: (revision: number) => void;
  /** Called once, when the disk refused: nothing is written from then on. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Writes entries to the log, one fdatasync for all that came while the one before was under way. After an error of the
 * disk everything waiting and everything later fails with it: what a failed fdatasync left on disk nobody knows.
 */
export class GroupCommit {
  #options: Options;
  #file: LogFile;
  #sequence: number;
  #position = 0;
  #durable = 0;
  #batches: Batch[] = [];
  #waiters: Waiter[] = [];
  #failure: unknown = null;
  #running: Promise<void> | null = null;

  constructor(options: Options) {
    this.#options = options;
    this.#file = options.file;
    this.#sequence = options.sequence;
  }

  /** The position of the last entry that was appended; 0 before the first. */
  get position(): number {
    return this.#position;
  }

  /** What stopped the log; null while it runs. */
  get failure(): unknown {
    return this.#failure;
  }

  /** True where everything that was appended is on disk. */
  get settled(): boolean {
    return this.#failure === null && this.#durable === this.#position;
  }

  /** Bytes in the segment that is written now. */
  get segmentBytes(): number {
    return this.#file.bytes;
  }

  /**
   * Queues an entry and answers its position.
   * @param revision the store's revision once the entry is applied
   * @throws the failure that stopped the log
   */
  append(entry: Entry, revision: number): number {
    if (this.#failure !== null) throw this.#failure;
    let batch = this.#batches.at(-1);
    if (!batch || batch.rotation || batch.writer.length > BATCH_BYTES) batch = this.#newBatch();
    writeEntry(batch.writer, entry);
    this.#position += 1;
    batch.lastPosition = this.#position;
    batch.revision = revision;
    this.#running ??= this.#run();
    return this.#position;
  }

  /** Resolves when all entries up to this position are on disk. @throws the failure that stopped the log */
  durable(position: number): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (position <= this.#durable) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ position, resolve, reject }));
  }

  /** Lets a new segment begin behind what is queued now; resolves when it is there. @throws the log's failure */
  rotate(): Promise<NextSegment> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const last = this.#batches.at(-1);
    const batch = last && !last.rotation ? last : this.#newBatch();
    this.#running ??= this.#run();
    return new Promise((resolve, reject) => {
      batch.rotation = { resolve, reject };
    });
  }

  /** Writes what is queued, marks the end as intended and closes the file. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#failure === null && this.#batches.length === 0) this.#newBatch(); // an empty frame proves the one before
    this.#running ??= this.#run();
    await this.#running;
    this.#failure ??= new Error("the log is closed");
    await this.#file.close().catch(() => {}); // whatever could be lost is on disk already
  }

  #newBatch(): Batch {
    const batch: Batch = { writer: new ByteWriter(), lastPosition: this.#position, revision: 0, rotation: null };
    batch.writer.skip(FRAME_HEAD_BYTES);
    this.#batches.push(batch);
    return batch;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      for (;;) {
        await nextTurn(); // whoever was released by the last batch may join this one
        const batch = this.#batches[0];
        if (!batch) break;
        this.#batches.shift();
        await this.#write(batch);
      }
    } catch (error) {
      this.#failure = error;
      this.#options.onFailure(error);
      for (const { reject } of this.#waiters.splice(0)) reject(error);
      for (const { rotation } of this.#batches.splice(0)) rotation?.reject(error);
    }
    this.#running = null;
  }

  async #write(batch: Batch): Promise<void> {
    try {
      await this.#file.append(sealFrame(batch.writer.view(), this.#sequence++));
      if (batch.rotation) await this.#nextFile();
    } catch (error) {
      batch.rotation?.reject(error);
      throw error;
    }
    batch.rotation?.resolve({ segment: this.#file.segment, sequence: this.#sequence });
    this.#durable = batch.lastPosition;
    this.#options.onDurable(batch.revision);
    let released = 0;
    while (released < this.#waiters.length && (this.#waiters[released] as Waiter).position <= this.#durable) released++;
    for (const { resolve } of this.#waiters.splice(0, released)) resolve();
  }

  async #nextFile(): Promise<void> {
    const full = this.#file;
    this.#file = await createLogFile(this.#options.folder, full.segment + 1);
    await full.close();
  }
}
