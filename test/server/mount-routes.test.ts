import { describe, expect, it } from "vitest";
import type { Policy } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Handlers } from "../../src/server/handlers.ts";
import { mountRoutes } from "../../src/server/mount-routes.ts";
import { findOperator, hashOfToken } from "../../src/server/operator-tokens.ts";

const handlers = { listUsers: async () => [] } as unknown as Handlers;

describe("mountRoutes", () => {
  it("mounts a route that says who may call it", () => {
    expect(() => mountRoutes(handlers, [], { listUsers: ROUTES.listUsers })).not.toThrow();
  });

  it.each([[undefined], ["everybody"], [""]])("does not start with the policy %j", (policy) => {
    const listUsers = { ...ROUTES.listUsers, policy: policy as Policy };

    expect(() => mountRoutes(handlers, [], { listUsers })).toThrow("the route listUsers does not say who may call it");
  });

  it("does not start with a route that nobody handles", () => {
    expect(() => mountRoutes(handlers, [], { addUser: ROUTES.addUser })).toThrow("the route addUser has no handler");
  });
});

describe("findOperator", () => {
  const token = (name: string, text: string) => ({ name, sha256: hashOfToken(new Secret(text)) });

  it("finds whose token it is", () => {
    const tokens = [token("ci", "one"), token("rig-up", "two")];

    expect(findOperator(tokens, new Secret("one"))?.name).toBe("ci");
    expect(findOperator(tokens, new Secret("two"))?.name).toBe("rig-up");
    expect(findOperator(tokens, new Secret("three"))).toBeNull();
    expect(findOperator([], new Secret(""))).toBeNull();
  });

  it.each([[""], ["zz"], ["ab"]])("opens to nobody by the broken hash %j", (sha256) => {
    expect(findOperator([{ name: "broken", sha256 }], new Secret(""))).toBeNull();
  });
});
