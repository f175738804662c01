import { expect, it } from "vitest";
import { preferredWorker } from "../../src/services/rendezvous.ts";

const ids = Array.from({ length: 4_000 }, (_, n) => `01K${String(n).padStart(8, "0")}`);
const sharesOf = (workers: readonly string[]) => {
  const shares = new Map<string | null, number>();
  for (const id of ids) {
    const worker = preferredWorker(id, workers);
    shares.set(worker, (shares.get(worker) ?? 0) + 1);
  }
  return shares;
};

it("gives each of four workers about a quarter", () => {
  const shares = sharesOf(["worker:a", "worker:b", "worker:c", "worker:d"]);

  expect([...shares.values()].every((share) => share > 850 && share < 1_150)).toBe(true);
  expect(shares.size).toBe(4);
});

it("comes to the same answer in whatever order the workers are named", () => {
  const workers = ["a", "b", "c"];

  expect(ids.every((id) => preferredWorker(id, workers) === preferredWorker(id, [...workers].reverse()))).toBe(true);
});

it("moves only the share of the one that leaves", () => {
  const before = ids.map((id) => preferredWorker(id, ["a", "b", "c"]));
  const after = ids.map((id) => preferredWorker(id, ["a", "b"]));

  expect(before.every((worker, i) => worker === "c" || worker === after[i])).toBe(true);
});

it("names nobody where nobody works", () => {
  expect(preferredWorker("x", [])).toBeNull();
});
