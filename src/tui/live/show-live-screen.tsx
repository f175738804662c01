import { render } from "ink";
import type { ReactElement } from "react";
import type { Clock } from "../../domain/clock.ts";
import { clearScreen, onAlternateScreen } from "../alternate-screen.ts";
import { boundlessRows } from "../boundless-rows.ts";
import type { Step } from "./commands.ts";
import { messageOf, poll, tickAges } from "./loops.ts";
import type { LiveStart, Size } from "./model.ts";
import type { LiveEvent } from "./update.ts";

/** Where a screen is shown, and until when. */
export interface LivePorts {
  readonly clock: Clock;
  /** Ends the screen. */
  readonly signal: AbortSignal;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly intervalMs: number;
  /** Calls back when the process ends without the screen's doing; returns how to call that off. */
  atExit?(restore: () => void): () => void;
}

/** What a screen shows and does. */
export interface LiveScreen<Model, Data, Action> {
  begin(start: LiveStart): Model;
  update(model: Model, event: LiveEvent<Data>): Step<Model, Action>;
  draw(model: Model, onKey: (key: string) => void): ReactElement;
  /** May reject: the screen says "STALE" and tries again. */
  load(): Promise<Data>;
  /** Resolves with what to tell the user; where it rejects, with why it was not done. */
  perform(action: Action): Promise<string>;
}

const LAST_ACTIONS_MS = 1000; // what was asked for just before leaving still gets through

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({ columns: columns || 80, rows: rows || 24 });

/** Ends all when one of the works ends; resolves when all have, or rejects with the first error among them. */
async function untilOneEnds(end: AbortController, works: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works.map((work) => work.finally(() => end.abort())));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

async function runScreen<
  Model extends { readonly now: number; readonly intervalMs: number },
  Data,
  Action extends { readonly kind: string },
>(screen: LiveScreen<Model, Data, Action>, ports: LivePorts): Promise<void> {
  const { clock, stdin, stdout } = ports;
  const end = new AbortController();
  const signal = AbortSignal.any([ports.signal, end.signal]);
  const actions = new Set<Promise<void>>();
  let wake = new AbortController();
  let model = screen.begin({ size: sizeOf(stdout), now: clock.now(), intervalMs: ports.intervalMs });

  const draw = () => screen.draw(model, (key) => dispatch({ kind: "key", key }));
  const reload = () => wake.abort();
  const pause = () => {
    wake = new AbortController();
    if (signal.aborted) wake.abort();
    return clock.sleep(model.intervalMs, wake.signal);
  };
  const act = async (action: Action): Promise<void> => {
    const text = await screen.perform(action).catch((error: unknown) => `not done: ${messageOf(error)}`);
    if (!signal.aborted) dispatch({ kind: "said", text });
    reload();
  };
  const dispatch = (event: LiveEvent<Data>): void => {
    const step = screen.update(model, event);
    model = step.model;
    instance.rerender(draw());
    for (const effect of step.effects) {
      if (effect.kind === "quit") end.abort();
      else if (effect.kind === "reload") reload();
      else {
        const acting = act(effect as Action).finally(() => actions.delete(acting));
        actions.add(acting);
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
      poll({ load: () => screen.load(), clock }, dispatch, pause, signal),
      tickAges(clock, () => model.now, dispatch, signal),
    ]);
    await Promise.race([Promise.all(actions), clock.sleep(LAST_ACTIONS_MS, new AbortController().signal)]);
  } finally {
    stdout.off("resize", resized);
    instance.unmount();
  }
}

/**
 * Shows a screen until `q`, Ctrl-C or the signal; the terminal is then as it was before.
 * @throws what drawing threw, after the terminal was restored
 */
export async function showLiveScreen<
  Model extends { readonly now: number; readonly intervalMs: number },
  Data,
  Action extends { readonly kind: string },
>(screen: LiveScreen<Model, Data, Action>, ports: LivePorts): Promise<void> {
  const atExit = ports.atExit ?? (() => () => {});
  await onAlternateScreen(ports.stdout, atExit, () => runScreen(screen, ports));
}
