import type { Etcd3 } from "etcd3";
import { describe, expect, it } from "vitest";
import { noAuth } from "../../src/etcd/call-auth.ts";
import { Members } from "../../src/etcd/members.ts";
import { fakeClock } from "../support/fake-clock.ts";

const clients = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ client: { name: n } as unknown as Etcd3, auth: noAuth }));

describe("the members of a cluster", () => {
  it.each([
    [0, 0],
    [0.5, 1],
    [0.99, 2],
  ])("begin with any: dice %d with number %d", (dice, first) => {
    const [a, b, c] = clients(3);

    const members = new Members([a!, b!, c!], fakeClock(), () => dice);

    expect(members.pick().client).toBe([a, b, c][first]?.client);
  });

  it("stay with the one that answers, and go to the one that failed longest ago", async () => {
    const clock = fakeClock();
    const all = clients(3);
    const members = new Members(all, clock, () => 0);
    const asked: (Etcd3 | undefined)[] = [];

    for (let failure = 0; failure < 4; failure++) {
      asked.push(members.pick().client);
      await clock.advance(100);
      members.suspect(members.pick());
    }

    expect(asked).toEqual([all[0], all[1], all[2], all[0]].map((member) => member?.client));
  });

  it("do not leave a good one for the late failure of another", async () => {
    const members = new Members(clients(2), fakeClock(), () => 0);
    const bad = members.pick();
    members.suspect(bad);
    const good = members.pick();

    members.suspect(bad);

    expect(members.pick()).toBe(good);
  });

  it("are asked again where there is one only", () => {
    const members = new Members(clients(1), fakeClock(), () => 0);
    const only = members.pick();

    members.suspect(only);

    expect(members.pick()).toBe(only);
  });
});
