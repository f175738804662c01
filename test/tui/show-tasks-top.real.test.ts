import { afterEach, expect, it } from "vitest";
import { type PtyScreen, runFixture } from "../support/screen/pty-screen.ts";
import { until } from "../support/until.ts";

let screen: PtyScreen | undefined;
afterEach(async () => {
  screen?.kill("SIGKILL");
  await screen?.exited;
});

it("shows tasks, does what its keys say, lets a dead worker go, and says STALE when the store is lost", async () => {
  const running = runFixture("tasks-fixture.ts");
  screen = running;
  const shows = (text: string) => until(() => running.text().includes(text), { what: text });

  await shows("sending");
  running.type("p");
  await shows("not done: not allowed");
  running.type("ry");
  await shows("3 of kind mail run again");
  running.type("Gx");
  await shows("Cancel 01J0000000000000000000000B (report)?");
  running.type("y");
  await shows("its worker was asked to stop it");
  await shows("0 workers");
  await until(() => !running.text().includes("sending")); // the rest of the frame may come a little later
  await shows("STALE");
  await shows("etcd does not answer");
  await shows("1,204");
  running.type("q");

  expect(await running.exited).toBe(0);
  expect(running.isAlternate()).toBe(false);
  expect(running.text()).toContain("left");
});
