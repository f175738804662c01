import fc from "fast-check";
import { expect, it } from "vitest";
import { readSessionSecret, sessionSecretText, signedGrant } from "../../src/domain/session-secret.ts";

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const grant = fc.record({
  session: fc.string({ minLength: 1 }),
  plan: name,
  limit: fc.option(fc.integer({ min: 1, max: 1_000 })),
  user: fc.option(name),
});
const SIGNATURE = "s".repeat(43);

it("says again what it was made with", () => {
  fc.assert(
    fc.property(grant, (made) => {
      const read = readSessionSecret(sessionSecretText(made, SIGNATURE), made.session);

      expect(read).toEqual({ grant: made, signature: SIGNATURE });
    }),
  );
});

it.each(["session", "plan", "limit", "user"] as const)("is signed as another text once its %s is another", (member) => {
  fc.assert(
    fc.property(grant, grant, (one, another) => {
      const other = { ...one, [member]: another[member] };

      expect(signedGrant(one) === signedGrant(other)).toBe(one[member] === other[member]);
    }),
  );
});

it.each([
  "",
  "rvs1:",
  `rvs1:default::${SIGNATURE}`,
  `rvs1:default:0::${SIGNATURE}`,
  `rvs1:::u:${SIGNATURE}`,
  `rvs1:default::a b:${SIGNATURE}`,
  `rvs1:default::u:${SIGNATURE}x`,
  `rvs1:default::u:more:${SIGNATURE}`,
])("%j is none", (text) => {
  expect(readSessionSecret(text, "ada")).toBeNull();
});
