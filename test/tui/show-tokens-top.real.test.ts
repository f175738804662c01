import { afterEach, expect, it } from "vitest";
import { type PtyScreen, runFixture } from "../support/screen/pty-screen.ts";
import { until } from "../support/until.ts";

let screen: PtyScreen | undefined;
afterEach(async () => {
  screen?.kill("SIGKILL");
  await screen?.exited;
});

it("shows servers and busy sessions, says STALE when the store is lost, and leaves the terminal as it was", async () => {
  const running = runFixture("tokens-fixture.ts");
  screen = running;
  const shows = (text: string) => until(() => running.text().includes(text), { what: text });

  await shows("BUSIEST SESSION");
  expect(running.isAlternate()).toBe(true);
  running.type("G");
  running.type("\r");
  await shows("rig tokens show --key x");
  running.type("\r");
  await shows("STALE");
  await shows("etcd does not answer");
  await shows("eve");
  running.type("q");

  expect(await running.exited).toBe(0);
  expect(running.isAlternate()).toBe(false);
  expect(running.text()).toContain("left");
});
