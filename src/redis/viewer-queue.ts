import { isRigError, RigError } from "../domain/errors.ts";
import type { ViewerAnswer, ViewerOperation } from "../domain/viewer-operation.ts";
import { decideViewers } from "../domain/viewer-rule.ts";
import { NO_VIEWERS } from "../domain/viewer-session.ts";
import { readViewers } from "../services/stored-viewers.ts";
import type { ViewerSessionName } from "../services/viewer-session-store.ts";
import type { Fate, RedisClient } from "./client.ts";
import { viewerArguments } from "./viewer-arguments.ts";
import { VIEWER_SCRIPT } from "./viewer-script.ts";

/** What all queues share. */
export interface ViewerQueuePorts {
  readonly redis: RedisClient;
  /** The clock by which tokens expire; null: Redis's own. */
  readonly now: (() => number) | null;
}

interface Waiting {
  readonly operation: ViewerOperation;
  /** Of the call that it is part of; null before. */
  fate: Fate | null;
  readonly settle: (answer: ViewerAnswer | RigError) => void;
}

const WHAT = "change a viewer session";
const MOST_TOGETHER = 256; // Redis does them in 2 ms, and serves nobody else meanwhile

/** What waits for one session: what comes while one call is on its way shares the next. */
export class ViewerQueue {
  readonly #ports: ViewerQueuePorts;
  readonly #session: ViewerSessionName;
  readonly #key: string;
  #waiting: Set<Waiting> | null = null;
  readonly #onIdle: () => void;
  #isRunning = false;

  /** `onIdle` is told when nothing waits any more: the queue is of no more use. */
  constructor(ports: ViewerQueuePorts, session: ViewerSessionName, onIdle: () => void) {
    this.#ports = ports;
    this.#session = session;
    this.#onIdle = onIdle;
    this.#key = ports.redis.keys.viewerSession(session.key);
  }

  /** @throws RigError as the port says */
  apply(operation: ViewerOperation): Promise<ViewerAnswer> {
    return this.#isRunning ? this.#wait(operation) : this.#lead(operation);
  }

  /** Most have their session to themselves: the call's deadline is theirs, and nothing is kept of them here. */
  async #lead(operation: ViewerOperation): Promise<ViewerAnswer> {
    this.#isRunning = true;
    const fate: Fate = { isDoubtful: false };
    let others = NOBODY;
    try {
      await null; // requests of one tick share the first call
      others = this.#take(MOST_TOGETHER - 1, fate);
      const answers = await this.#change([operation, ...others.map(operationOf)], fate);
      for (const [i, other] of others.entries()) other.settle(answers[i + 1] as ViewerAnswer);
      return answers[0] as ViewerAnswer;
    } catch (error) {
      const failed = asRigError(error);
      for (const other of others) other.settle(failed);
      throw failed;
    } finally {
      void this.#run();
    }
  }

  #wait(operation: ViewerOperation): Promise<ViewerAnswer> {
    return new Promise((resolve, reject) => {
      const clear = this.#ports.redis.waiting.add(() => waiting.settle(late(waiting)));
      const all = this.#waiting ?? new Set();
      this.#waiting = all;
      const waiting: Waiting = {
        ...{ operation, fate: null },
        settle: (answer) => {
          clear();
          all.delete(waiting);
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        },
      };
      all.add(waiting);
    });
  }

  /** Does what waits, and says so when nothing does any more. Never rejects. */
  async #run(): Promise<void> {
    for (;;) {
      const fate: Fate = { isDoubtful: false };
      const together = this.#take(MOST_TOGETHER, fate);
      if (together.length === 0) return this.#onIdle();
      try {
        const answers = await this.#change(together.map(operationOf), fate);
        for (const [i, waiting] of together.entries()) waiting.settle(answers[i] as ViewerAnswer);
      } catch (error) {
        for (const waiting of together) waiting.settle(asRigError(error));
      }
    }
  }

  /** Those who wait longest, as part of a call. */
  #take(most: number, fate: Fate): readonly Waiting[] {
    if (this.#waiting === null) return NOBODY;
    const together = [...this.#waiting].slice(0, most);
    for (const waiting of together) waiting.fate = fate;
    return together;
  }

  async #change(operations: readonly ViewerOperation[], fate: Fate): Promise<readonly ViewerAnswer[]> {
    const { redis, now } = this.#ports;
    const args = viewerArguments(this.#session, operations, now?.() ?? null);
    const reply = await redis.run(WHAT, VIEWER_SCRIPT, this.#key, args, fate);
    const [at, before, verdicts] = reply as [number, string | null, string];
    const where = `redis: ${this.#key}`;
    const { answers } = decideViewers(before === null ? NO_VIEWERS : readViewers(where, before), operations, at);
    const said = answers.map(verdictOf).join();
    if (said !== verdicts) throw new RigError("INTERNAL", `${where}: the script did "${verdicts}", the rule "${said}"`);
    return answers;
  }
}

const NOBODY: readonly Waiting[] = [];
const operationOf = ({ operation }: Waiting): ViewerOperation => operation;

/** The rule's answer as the script says it. */
const verdictOf = (answer: ViewerAnswer): string =>
  answer.answer === "issued" && answer.isRepeat ? "issued before" : answer.answer;

const late = ({ fate }: Waiting): RigError =>
  fate?.isDoubtful
    ? new RigError("REDIS_AMBIGUOUS", `redis: ${WHAT}: no answer in time, it may have been done or not`)
    : new RigError("REDIS_UNREACHABLE", `redis: ${WHAT}: no answer in time`);

const asRigError = (error: unknown): RigError =>
  isRigError(error) ? error : new RigError("INTERNAL", `redis: ${WHAT}`, { cause: error });
