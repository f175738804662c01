import { expect, it } from "vitest";
import { allEnded } from "../../src/runtime/all-ended.ts";
import { fakeClock } from "../support/fake-clock.ts";

const never = new AbortController().signal;

it("gives all results", async () => {
  expect(await allEnded([Promise.resolve(1), Promise.resolve("two")])).toEqual([1, "two"]);
});

it("throws a failure only when the slower work has ended too", async () => {
  const clock = fakeClock();
  let slowHasEnded = false;
  const slow = clock.sleep(1_000, never).then(() => {
    slowHasEnded = true;
  });

  const outcome = allEnded([Promise.reject(new Error("broken")), slow]).catch(() => slowHasEnded);
  await clock.advance(1_000);

  expect(await outcome).toBe(true);
});
