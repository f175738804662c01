import { expect, it } from "vitest";
import { refusedPeers } from "../../src/server/refused-peers.ts";
import { fakeClock } from "../support/fake-clock.ts";

it("tells of the first peer at once, and then of how many were refused in 10 s, however many come", async () => {
  const clock = fakeClock();
  const said: object[] = [];
  const refuse = refusedPeers({ clock, log: { warn: (fields) => void said.push(fields) } });

  for (let n = 0; n < 1_000; n++) refuse(`::ffff:192.0.2.${n % 250}`);
  await clock.advance(10_000);
  refuse("2001:db8::7");
  refuse("2001:db8::8");

  expect(said).toMatchObject([
    { peer: "192.0.2.0", refused: 1 },
    { peer: "2001:db8::7", refused: 1_000 },
  ]);
});
