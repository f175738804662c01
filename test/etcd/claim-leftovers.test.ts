import { expect, it } from "vitest";
import { claimLeftovers } from "../../src/etcd/claim-leftovers.ts";

/** A lease whose beats the test gives; a failed errand rejects there. */
function beats() {
  let errand = async () => {};
  return {
    onBeat: (it: () => Promise<void>) => {
      errand = it;
      return () => {};
    },
    beat: () => errand(),
  };
}

it("releases again what could not be released, until it could", async () => {
  const lease = beats();
  const released: string[] = [];
  let away = true;
  const leftovers = claimLeftovers(lease, async (streamId, publishId) => {
    if (away) throw new Error("away");
    released.push(`${streamId}/${publishId}`);
  });
  leftovers.unreleased("s1", "p1");

  await expect(lease.beat()).rejects.toThrow("away");
  away = false;
  await lease.beat();
  await lease.beat();

  expect(released).toEqual(["s1/p1"]);
});

it("looks eight times for a claim that may still land", async () => {
  const lease = beats();
  let looks = 0;
  const leftovers = claimLeftovers(lease, async () => {
    looks += 1;
  });
  leftovers.doubtful("s1", "p1");

  for (let beat = 0; beat < 10; beat++) await lease.beat();

  expect(looks).toBe(8);
});

it("leaves alone what is wanted after all", async () => {
  const lease = beats();
  const released: string[] = [];
  const leftovers = claimLeftovers(lease, async (_, publishId) => void released.push(publishId));
  leftovers.doubtful("s1", "p1");

  leftovers.forget("p1");
  await lease.beat();

  expect(released).toEqual([]);
});
