import fc from "fast-check";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../src/api/route.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { openRaw } from "../support/raw-http.ts";
import { silentLog } from "../support/silent-log.ts";
import { fakeServices } from "./fake-services.ts";
import { OPERATOR_TOKEN, runServer, type TestIdentities, testIdentities } from "./running-server.ts";

type Running = Awaited<ReturnType<typeof runServer>>;

let identities: TestIdentities;
let server: Running;
let agent: Agent;
const errors: object[] = [];
beforeAll(async () => {
  identities = await testIdentities();
  const log = { ...silentLog, error: (fields: object) => errors.push(fields) };
  server = await runServer(fakeServices([]), identities.server, { log });
  const { certificate, privateKey } = identities.agent;
  agent = new Agent({ connect: { ca: identities.server.ca, cert: certificate, key: privateKey.open() } });
});
afterAll(async () => {
  await agent.destroy();
  await server.stop();
  await identities.remove();
});

/** Sends as an agent and, on an operator's route, as an operator too; gives the status. */
async function send(path: string, { method, policy }: Pick<Route, "method" | "policy">, body?: string) {
  const answer = await request(`${server.api}${path}`, {
    dispatcher: agent,
    method,
    headers: {
      ...(policy === "operator" ? { authorization: `Bearer ${OPERATOR_TOKEN.open()}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
  await answer.body.text();
  return answer.statusCode;
}

const fieldsOf = (schema: unknown): string[] => Object.keys((schema as { shape?: object }).shape ?? {});
const anyValue = fc.oneof(fc.jsonValue(), fc.string({ maxLength: 50 }), fc.constant("ada"), fc.boolean());
const routes = Object.entries<Route>(ROUTES);

describe("whatever a caller sends", () => {
  it.each(routes.filter(([, { body }]) => body !== null))(
    "%s refuses or takes it, and never fails",
    async (_name, route) => {
      const path = route.path.replace(/:\w+/g, "X1");
      const fields = [...fieldsOf(route.body), "constructor", "__proto__", "toString"];
      const bodies = fc.oneof(
        fc.dictionary(fc.constantFrom(...fields), anyValue).map((of) => JSON.stringify(of)),
        fc.json(),
        fc.string(),
      );

      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          expect(await send(path, route, body)).toBeLessThan(500);
        }),
        { numRuns: 40 },
      );
      expect(errors).toEqual([]);
    },
  );

  it.each(routes.filter(([, { method }]) => method === "GET"))("%s takes any path and query", async (_name, route) => {
    const part = fc.string({ minLength: 1, maxLength: 80, unit: "grapheme" }).map(encodeURIComponent);
    const query = fc.webQueryParameters();

    await fc.assert(
      fc.asyncProperty(part, query, async (name, asked) => {
        const path = route.path.replace(/:\w+/g, name);
        expect(await send(`${path}?${asked}`, route)).toBeLessThan(500);
      }),
      { numRuns: 20 },
    );
    expect(errors).toEqual([]);
  });

  it("outlives random bytes on both of its ports", async () => {
    const ports = [
      { port: Number(new URL(server.api).port), ca: identities.server.ca },
      { port: Number(new URL(server.streamService ?? "").port), ca: undefined },
    ];

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ports),
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        async (to, bytes) => {
          const client = await openRaw(to.port, to.ca);
          client.socket.end(bytes);
          expect(await client.closed).toMatch(/^(HTTP\/1.1 [45]\d\d |$)/);
        },
      ),
      { numRuns: 60 },
    );
    expect(errors).toEqual([]);
    expect(await send("/v1/users", ROUTES.listUsers)).toBe(200);
  });
});
