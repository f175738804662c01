import { describe, expect, it } from "vitest";
import { etcdKeys } from "../../../src/etcd/keys.ts";
import { TakenPlaces } from "../../../src/etcd/tasks/places.ts";

const keys = etcdKeys("/t/");
const { place, places } = keys.tasks;

describe("the places of a limit", () => {
  it("are given until all are taken, be it by a claim of ours that is not decided", () => {
    const taken = new TakenPlaces(keys);
    taken.put(place("mail", 0));
    taken.reachFor(place("mail", 1));

    expect([taken.free("mail", 2), taken.free("mail", 3)]).toEqual([null, place("mail", 2)]);

    taken.letGo(place("mail", 1));
    taken.remove(place("mail", 0));
    expect(taken.free("mail", 1)).toBe(place("mail", 0));
  });

  it.each(["mail/2", "mail/01", "mail/-1", "mail/1e0", "mail/x", "mail/", "mail", "mail/0/1", "mail/999999999999"])(
    "are not fewer for a key %s of another hand",
    (rest) => {
      const taken = new TakenPlaces(keys);
      taken.put(place("mail", 0));

      taken.put(`${places}${rest}`);
      expect(taken.free("mail", 2)).toBe(place("mail", 1));

      taken.remove(`${places}${rest}`);
      expect(taken.free("mail", 2)).toBe(place("mail", 1));
    },
  );
});
