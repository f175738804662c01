import { render } from "ink";
import type { Clock } from "../domain/clock.ts";
import type { StreamStatus } from "../domain/live.ts";
import { clearScreen, onAlternateScreen } from "./alternate-screen.ts";
import { boundlessRows } from "./boundless-rows.ts";
import { perform, pollStatuses, tickAges } from "./top/loops.ts";
import { initialModel, type Size } from "./top/model.ts";
import { StreamsTop } from "./top/streams-top.tsx";
import { type TopEvent, update } from "./top/update.ts";

export interface StreamsTopPorts {
  /** All streams now. May reject: the screen says "STALE" and tries again. */
  load(): Promise<readonly StreamStatus[]>;
  /** False where the stream is no longer live. */
  drop(streamId: string): Promise<boolean>;
  retry(destinationId: string): Promise<unknown>;
  readonly clock: Clock;
  /** Ends the screen. */
  readonly signal: AbortSignal;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly intervalMs: number;
  /** Calls back when the process ends without the screen's doing; returns how to call that off. */
  atExit?(restore: () => void): () => void;
}

const LAST_ACTIONS_MS = 1000; // a drop asked for just before leaving still gets through

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({ columns: columns || 80, rows: rows || 24 });

/** Ends all when one of the works ends; resolves when all have, or rejects with the first error among them. */
async function untilOneEnds(end: AbortController, works: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works.map((work) => work.finally(() => end.abort())));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

async function runScreen(ports: StreamsTopPorts): Promise<void> {
  const { clock, stdin, stdout } = ports;
  const end = new AbortController();
  const signal = AbortSignal.any([ports.signal, end.signal]);
  const actions = new Set<Promise<void>>();
  let wake = new AbortController();
  let model = initialModel({ size: sizeOf(stdout), now: clock.now(), intervalMs: ports.intervalMs });

  const draw = () => <StreamsTop model={model} onKey={(key) => dispatch({ kind: "key", key })} />;
  const reload = () => wake.abort();
  const pause = () => {
    wake = new AbortController();
    if (signal.aborted) wake.abort();
    return clock.sleep(model.intervalMs, wake.signal);
  };
  const dispatch = (event: TopEvent): void => {
    const step = update(model, event);
    model = step.model;
    instance.rerender(draw());
    for (const effect of step.effects) {
      if (effect.kind === "quit") end.abort();
      else if (effect.kind === "reload") reload();
      else {
        const action = perform(effect, ports).then((text) => {
          actions.delete(action);
          if (!signal.aborted) dispatch({ kind: "said", text });
          reload();
        });
        actions.add(action);
      }
    }
  };
  const resized = () => {
    clearScreen(stdout);
    dispatch({ kind: "resized", size: sizeOf(stdout) });
  };

  stdout.on("resize", resized); // before ink's own listener: its tree is as high as the new terminal when it draws
  const instance = render(draw(), { stdin, stdout: boundlessRows(stdout), exitOnCtrlC: false, patchConsole: false });
  try {
    const leave = () => {
      reload(); // ends the pause
      instance.unmount();
    };
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    await untilOneEnds(end, [
      instance.waitUntilExit(), // rejects where drawing threw
      pollStatuses(ports, dispatch, pause, signal),
      tickAges(clock, () => model.now, dispatch, signal),
    ]);
    await Promise.race([Promise.all(actions), clock.sleep(LAST_ACTIONS_MS, new AbortController().signal)]);
  } finally {
    stdout.off("resize", resized);
    instance.unmount();
  }
}

/**
 * Shows the live streams and their relays until `q`, Ctrl-C or the signal; the terminal is then as it was before.
 * @throws what drawing threw, after the terminal was restored
 */
export async function showStreamsTop(ports: StreamsTopPorts): Promise<void> {
  const atExit = ports.atExit ?? (() => () => {});
  await onAlternateScreen(ports.stdout, atExit, () => runScreen(ports));
}
