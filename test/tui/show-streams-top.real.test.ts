import { afterEach, describe, expect, it } from "vitest";
import { type PtyScreen, runFixture } from "../support/screen/pty-screen.ts";
import { until } from "../support/until.ts";

const FIXTURE = "top-fixture.ts";
let screen: PtyScreen | undefined;

afterEach(async () => {
  screen?.kill("SIGKILL");
  await screen?.exited;
  screen = undefined;
});

const start = (options: Parameters<typeof runFixture>[1] = {}): PtyScreen => {
  screen = runFixture(FIXTURE, options);
  return screen;
};

const shows = (running: PtyScreen, text: string) =>
  until(() => running.text().includes(text), { what: text }).catch((error: Error) => {
    throw new Error(`${error.message}\non the screen:\n${running.text()}`);
  });

/** As a shell must find it: main screen, cursor shown, what stood there before and what came after. */
function expectRestored(running: PtyScreen): void {
  expect(running.isAlternate()).toBe(false);
  expect(running.isCursorShown()).toBe(true);
  expect(running.text()).not.toContain("STATE");
  expect(running.lines()[0]).toBe("before");
}

/** From the first line to the last but one, which ink needs for itself. */
const isDrawn = (running: PtyScreen, rows: number): boolean => {
  const lines = running.lines();
  return lines[0]?.startsWith("rig streams top") === true && lines[rows - 2]?.startsWith("? help") === true;
};

describe("the screen in a terminal", () => {
  it("shows streams and relays on the alternate screen and leaves it on q", async () => {
    const running = start();

    await shows(running, "Show 00002");
    await shows(running, "connection refused");
    expect(running.isAlternate()).toBe(true);
    await until(() => !running.isCursorShown());
    running.type("q");

    expect(await running.exited).toBe(0);
    expectRestored(running);
    expect(running.text()).toContain("left");
  });

  it("filters, asks before it drops, and tells what was done", async () => {
    const running = start({ env: { STREAMS: "50" } });

    await shows(running, "Show 00000");
    running.type("/title~00042\r");
    await shows(running, "(1 stream)");
    await until(() => !running.text().includes("Show 00000")); // the rest of the frame may come a little later
    running.type("x");
    await shows(running, 'Drop the publisher of "Show 00042"');
    running.type("y");
    await shows(running, 'dropped "Show 00042"');
  });

  it("is restored on Ctrl-C", async () => {
    const running = start();

    await shows(running, "Show 00002");
    running.type("\u0003");

    expect(await running.exited).toBe(0);
    expectRestored(running);
  });

  it("is restored on SIGTERM", async () => {
    const running = start();

    await shows(running, "Show 00002");
    running.kill("SIGTERM");

    expect(await running.exited).toBe(143);
    expectRestored(running);
    expect(running.text()).toContain("left on a signal");
  });

  it.each([
    ["drawing throws", "drawing"],
    ["something else throws and nobody catches it", "uncaught"],
  ])("is restored when %s, and the error is seen", async (_name, fault) => {
    const running = start({ env: { FAULT: fault }, columns: 200, rows: 50 });

    expect(await running.exited).not.toBe(0);
    expectRestored(running);
    expect(running.text()).toContain("a bug elsewhere");
  });

  it("keeps the data and says STALE when the store is lost", async () => {
    const running = start({ env: { FAULT: "lost" } });

    await shows(running, "STALE");

    await shows(running, "etcd does not answer");
    await shows(running, "Show 00002");
  });

  it("follows the size of the terminal, and leaves the scrollback of the main screen alone", async () => {
    const running = start({ columns: 160, rows: 50, env: { STREAMS: "100" } });

    await shows(running, "AGENT");
    await running.resize(80, 24);
    await until(() => isDrawn(running, 24) && !running.text().includes("AGENT"));
    await running.resize(160, 40);
    await until(() => isDrawn(running, 40) && running.text().includes("AGENT"));
    running.type("q");

    await running.exited;
    expect(running.written()).not.toContain("\u001b[3J"); // erases the scrollback, in most terminals the shell's too
  });
});
