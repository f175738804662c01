import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { until } from "../until.ts";

/** A program on a real pseudo-terminal, and the screen that a person would see. */
export interface PtyScreen {
  /** The visible lines, without trailing blanks. */
  lines(): string[];
  text(): string;
  isAlternate(): boolean;
  isCursorShown(): boolean;
  type(keys: string): void;
  kill(signal: NodeJS.Signals): void;
  resize(columns: number, rows: number): Promise<void>;
  /** All that was written to the terminal so far. */
  written(): string;
  /** Resolves with the exit code, once all output is on the screen. */
  readonly exited: Promise<number>;
}

const RUNNER = fileURLToPath(new URL("run.js", import.meta.url));

/** Runs one fixture of this folder in a terminal; colours on, no CI, whatever the tests run in. */
export function runFixture(
  fixture: string,
  { columns = 80, rows = 24, env = {} as Record<string, string> } = {},
): PtyScreen {
  const { PATH = "", HOME = "" } = process.env;
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const pty = spawn(process.execPath, [RUNNER, `./${fixture}`], {
    name: "xterm-256color",
    cols: columns,
    rows,
    env: { PATH, HOME, TERM: "xterm-256color", ...env },
  });
  let output = "";
  let drawn = Promise.resolve();
  pty.onData((data) => {
    output += data;
    drawn = new Promise((done) => terminal.write(data, done));
  });
  const exited = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode }) => void drawn.then(() => resolve(exitCode)));
  });
  const lines = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? "").trimEnd(),
    );
  };
  return {
    lines,
    text: () => lines().join("\n"),
    isAlternate: () => terminal.buffer.active.type === "alternate",
    isCursorShown: () => !(terminal as unknown as WithCore)._core.coreService.isCursorHidden,
    type: (keys) => pty.write(keys),
    kill: (signal) => pty.kill(signal),
    async resize(newColumns, newRows) {
      terminal.resize(newColumns, newRows);
      pty.resize(newColumns, newRows);
      await until(() => terminal.cols === newColumns);
    },
    written: () => output,
    exited,
  };
}

/** What xterm keeps to itself. */
interface WithCore {
  readonly _core: { readonly coreService: { readonly isCursorHidden: boolean } };
}
