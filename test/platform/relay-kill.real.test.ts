import { afterAll, beforeAll, expect, it } from "vitest";
import { compareTracks, isRunOf } from "../../src/demo/compare-packets.ts";
import { lastPublish, openShow, type Show } from "../support/live-show.ts";
import { relayProcesses, startPlatform, type TestPlatform } from "../support/platform.ts";
import { logEntries } from "../support/platform-log.ts";
import { until } from "../support/until.ts";

let platform: TestPlatform;
let show: Show;

beforeAll(async () => {
  platform = await startPlatform();
  show = await openShow(platform);
});
afterAll(async () => {
  await show?.close();
  await platform?.stop();
});

/** The states that a destination's relay went through, with their reasons. */
const statesOf = async (destinationId: string | undefined) =>
  (await logEntries(platform, "relay", { destinationId })).map(({ state, reason }) =>
    reason ? [state, reason] : state,
  );

it("brings the destination of a killed relay back by itself, and touches no other", async () => {
  const encoder = await show.goLive();
  const [hitId, otherId] = show.destinationIds;
  const [hit, other] = show.sinks.map(({ publishes }) => publishes);
  await until(async () => (await statesOf(hitId)).includes("pushing"), { what: "the relay is known to push" });

  const relays = await relayProcesses(platform, hitId);
  for (const pid of relays) process.kill(pid, "SIGKILL");
  await until(() => hit?.length === 2 && lastPublish(hit).length > 100, { what: "it pushes again" });
  await until(async () => (await statesOf(hitId)).at(-1) === "pushing", { what: "it is known to push again" });
  await encoder.end();
  await until(() => lastPublish(other ?? []).length >= encoder.sent.length, { what: "the tail arrives" }).catch(
    () => {},
  );

  expect(relays).toHaveLength(1);
  expect(other).toHaveLength(1);
  expect(compareTracks(encoder.sent, lastPublish(other ?? [])).problem).toBeNull();
  for (const run of hit ?? []) expect([run[0]?.isKey, isRunOf(run, encoder.sent)]).toEqual([true, true]);
  for (const id of [hitId, otherId])
    await until(async () => (await statesOf(id)).includes("stopped"), { what: "its end is logged" });
  expect(await statesOf(hitId)).toEqual([
    "starting",
    "pushing",
    ["waiting", "crashed"],
    ["starting", "crashed"],
    "pushing",
    "stopped",
  ]);
  expect(await statesOf(otherId)).toEqual(["starting", "pushing", "stopped"]);
});
