import { setMaxListeners } from "node:events";
import type { Clock, Random } from "../domain/clock.ts";
import { ERRORS, isRigError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { type Doorbell, doorbell } from "../runtime/doorbell.ts";
import type { OwnershipLease } from "../services/coordination.ts";
import { runTask, TASK_TIMEOUT_MS, type TaskContext, type TaskHandler } from "../services/run-task.ts";
import { TaskSwitch } from "../services/task-stop.ts";
import type { ClaimedTask, ReadyTask, ReadyTasks, TaskClaims, TaskEnd } from "../services/tasks.ts";
import { type RunningTask, RunningTasks } from "./running-tasks.ts";
import type { TaskCounters } from "./task-counters.ts";

export interface WorkTasksPorts {
  readonly ready: ReadyTasks;
  readonly claims: TaskClaims;
  readonly lease: OwnershipLease;
  readonly handlers: ReadonlyMap<string, TaskHandler>;
  /** How many run at once in this process. */
  readonly concurrency: number;
  /** How long running tasks may go on once the worker is told to stop; 4 s where it is left out. */
  readonly graceMs?: number;
  readonly counters: TaskCounters;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const IDLE_MS = 2_000; // in case a word went astray
const BUSY_MS = 50; // others' tasks may be taken after a while
const WATCH_MS = 250; // how late a try that takes too long, or a lease in doubt, is noticed
const GRACE_MS = 4_000; // of the 10 s that whoever stops us waits; then tasks are handed back
const HAND_BACK_MS = 2_500; // one that does not heed its abort is left alone after 1 s
const AWAY_MS = 500; // between two attempts at etcd while it is away

/**
 * Takes tasks and runs them until aborted; then takes no more, lets the running ones finish for a while, and hands back
 * the rest. Resolves when nothing runs any more; never rejects.
 */
export async function workTasks(ports: WorkTasksPorts, signal: AbortSignal): Promise<void> {
  const loop = new TaskLoop(ports);
  const following = new AbortController();
  setMaxListeners(0, following.signal); // half a dozen prefixes are followed under it: no leak
  const followed = ports.ready.follow(loop.calls, following.signal);
  const watched = loop.watch(following.signal);
  // One that was lost and granted again between two looks took all claims with it.
  const unheed = ports.lease.onRegranted(async () => loop.doubtClaims());
  await loop.take(signal);
  await loop.finish();
  unheed();
  following.abort();
  await Promise.all([followed, watched]);
}

class TaskLoop {
  readonly #ports: WorkTasksPorts;
  readonly #running = new RunningTasks();
  readonly #bell: Doorbell = doorbell();
  readonly #gaveUp = new AbortController();
  #awayUntil = 0;

  constructor(ports: WorkTasksPorts) {
    this.#ports = ports;
    setMaxListeners(0, this.#gaveUp.signal); // one for each task whose end waits for etcd
  }

  readonly calls = {
    onNews: () => this.#bell.ring(),
    onCancel: (taskId: string) => {
      const running = this.#running.find(taskId);
      if (running) this.#heedCancel(running);
    },
  };

  /** Claims whatever may run here, until aborted. */
  async take(signal: AbortSignal): Promise<void> {
    const { ready, clock } = this.#ports;
    while (!signal.aborted) {
      this.#fill();
      await this.#bell.wait(ready.size > 0 ? BUSY_MS : IDLE_MS, clock, signal);
    }
  }

  /** Lets what runs end by itself for a while, then hands it back; where etcd is away no end can be noted, and none is waited for. */
  async finish(): Promise<void> {
    const { graceMs = GRACE_MS } = this.#ports;
    const over = new AbortController();
    const ended = this.#running.ended().then(() => over.abort());
    await this.#sleepWhileSure(graceMs, over.signal);
    this.#running.abortAll({ why: "stopping" });
    await this.#sleepWhileSure(HAND_BACK_MS, over.signal);
    this.#gaveUp.abort(); // etcd is away: the claims go with the lease
    await ended;
  }

  async #sleepWhileSure(ms: number, signal: AbortSignal): Promise<void> {
    const { clock, lease } = this.#ports;
    for (let leftMs = ms; leftMs > 0 && !signal.aborted && lease.isSure(); leftMs -= WATCH_MS)
      await clock.sleep(Math.min(WATCH_MS, leftMs), signal);
  }

  /** Aborts tries that take too long, and all of them where their claims may be lost. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, lease } = this.#ports;
    for (; !signal.aborted; await clock.sleep(WATCH_MS, signal)) {
      if (!lease.isSure()) this.doubtClaims();
      for (const { handler, startedAt, stop } of this.#running)
        if (clock.monotonic() - startedAt > (handler?.timeoutMs ?? TASK_TIMEOUT_MS)) stop.abort({ why: "too long" });
    }
  }

  /** What runs may be another's now: it is aborted, and its end noted only where the claim still stands. */
  doubtClaims(): void {
    this.#running.abortAll({ why: "claim in doubt" });
  }

  #fill(): void {
    const { ready, lease, clock, concurrency } = this.#ports;
    if (!lease.isSure() || clock.monotonic() < this.#awayUntil) return;
    while (this.#running.size < concurrency) {
      const next = ready.take((each) => this.#isFree(each));
      if (!next) return;
      this.#running.track(next.kind, () => this.#work(next));
    }
  }

  #isFree(task: ReadyTask): boolean {
    const handler = this.#ports.handlers.get(task.kind);
    if (!handler) return true; // to say so
    const { concurrency = Number.POSITIVE_INFINITY, limit } = handler;
    if (this.#running.countOf(task.kind) >= concurrency) return false;
    return limit === undefined || this.#ports.ready.hasPlace(task, limit);
  }

  /** Claims one task, runs it, and notes how it ended. Never rejects. */
  async #work(next: ReadyTask): Promise<void> {
    const claimed = await this.#claim(next);
    if (claimed) await this.#run(claimed);
    this.#bell.ring();
  }

  async #claim(next: ReadyTask): Promise<ClaimedTask | null> {
    const { claims, handlers, ready, counters, log, clock } = this.#ports;
    try {
      const answer = await claims.claim(next, handlers.get(next.kind)?.limit ?? null, this.#gaveUp.signal);
      if (typeof answer === "object") return answer;
      counters.count(answer, next.kind);
      if (answer === "dead") log.warn({ taskId: next.id, kind: next.kind }, "task is dead: its tries are used up");
      if (answer === "not now") {
        await clock.sleep(BUSY_MS, this.#gaveUp.signal); // until the event that says so has come
        ready.giveBack(next);
      }
    } catch (error) {
      ready.giveBack(next);
      this.#awayUntil = clock.monotonic() + AWAY_MS;
      counters.count("failed claim", next.kind);
      if (!isRigError(error)) log.error({ err: error, taskId: next.id }, "task not claimed");
    }
    return null;
  }

  async #run(claimed: ClaimedTask): Promise<void> {
    const { handlers, clock, random, counters, log } = this.#ports;
    const { task, attempt } = claimed;
    const handler = handlers.get(task.kind);
    const stop = new TaskSwitch();
    const running: RunningTask = { claimed, handler, startedAt: clock.monotonic(), stop };
    this.#running.start(running);
    this.#heedCancel(running); // a worker before us may have died of it
    counters.started(clock.now() - task.enqueuedAt);
    const context = this.#contextOf(claimed, stop);
    const end = await runTask(claimed, { handler, context, stop, clock, random, log });
    this.#running.end(running);
    counters.ended();
    const noted = await this.#note(claimed, end);
    counters.count(noted ? end.how : "claim lost", task.kind);
    if (noted && (end.how === "failed" || end.how === "dead"))
      log.warn({ taskId: task.id, kind: task.kind, attempt, ...end }, `task ${end.how}`);
  }

  #heedCancel({ claimed, stop }: RunningTask): void {
    const by = this.#ports.ready.cancelledBy(claimed);
    if (by !== null) stop.abort({ why: "cancelled", by });
  }

  #contextOf(claimed: ClaimedTask, stop: TaskSwitch): TaskContext {
    const { claims } = this.#ports;
    const { task, attempt } = claimed;
    return {
      taskId: task.id,
      attempt,
      get signal() {
        return stop.signal;
      },
      async progress(percent, note = "") {
        const bounded = Math.round(Math.max(0, Math.min(100, percent)));
        await claims.progress(claimed, bounded, String(note).slice(0, 200)).catch(() => false); // only a word to whoever looks
      },
    };
  }

  /** Notes an end; false where the claim is lost, or etcd was away until we stopped. */
  async #note(claimed: ClaimedTask, end: TaskEnd): Promise<boolean> {
    const { claims, clock, log } = this.#ports;
    for (;;) {
      try {
        return await claims.end(claimed, end, this.#gaveUp.signal);
      } catch (error) {
        if (this.#gaveUp.signal.aborted) return false;
        const isPassing = isRigError(error) && ERRORS[error.code].retryable;
        if (!isPassing) log.error({ err: error, taskId: claimed.task.id }, "task's end not noted");
        if (!isPassing) return false;
        await clock.sleep(AWAY_MS, this.#gaveUp.signal);
      }
    }
  }
}
