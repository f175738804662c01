import { expect, it } from "vitest";
import type { AgentPorts } from "../../src/agent/agent-ports.ts";
import { runAgent } from "../../src/agent/agent-role.ts";
import { RigError } from "../../src/domain/errors.ts";
import type { Ingest, IngestHandlers } from "../../src/services/ingest.ts";
import type { PublishGrant } from "../../src/services/publishes.ts";
import { fakeEdge, grant, request } from "../support/fake-edge.ts";

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** An agent between neighbours in memory, whose ingest the test plays. */
function setUp() {
  const fake = fakeEdge();
  const stop = new AbortController();
  let handlers: IngestHandlers | null = null;
  let breakIngest: (error: Error) => void = () => {};
  const broken = new Promise<void>((_, reject) => {
    breakIngest = reject;
  });
  broken.catch(() => {});
  const ingest: Ingest & { drop: Ingest["drop"] } = {
    async run(given, ready, signal) {
      handlers = given;
      ready();
      await Promise.race([untilAborted(signal), broken]);
    },
    publishUrl: "rtmp://127.0.0.1/live",
    keepsGop: true,
    pullUrl: (localName) => localName,
    async drop(publisher) {
      handlers?.ended(publisher, "dropped", 5_000);
      return true;
    },
    endPlayer: async () => true,
    stat: async () => [],
  };
  const watch = (_agentId: string, _on: unknown, signal: AbortSignal) => untilAborted(signal);
  const ports: AgentPorts = {
    ...fake.ports,
    ingest,
    lease: { isSure: () => true, onRegranted: () => () => {} },
    staleClaims: { clear: async () => 0 },
    live: { write: async () => {}, list: async () => [] },
    wanted: { put: async () => {}, watch },
    dropOrders: { put: async () => {}, watch },
    registry: { announce: async () => {}, list: async () => [] },
    status: { region: "r", cluster: "c", apiUrl: "https://127.0.0.1", version: "1.0.0" },
  };
  const publish = async () => {
    const decision = handlers?.decide(request("key"), new AbortController().signal);
    await fake.clock.advance(300);
    return decision;
  };
  return {
    ...fake,
    ingest,
    publish,
    stop,
    breakIngest,
    ended: runAgent(ports, () => {}, stop.signal),
  };
}

it("drops its publishers when told to stop, and reports their end before it has ended", async () => {
  const { clock, publish, stop, ended, relays, claims, reports } = setUp();
  await clock.advance(10);
  await publish();

  stop.abort();
  await clock.advance(1_000);
  await ended;

  expect(relays.get("publish-1")?.stopped).toBe(true);
  expect(claims.size).toBe(0);
  expect(reports.at(-1)).toMatchObject([{ publishId: "publish-1", end: "agent stopped", ingestBytes: 5_000 }]);
  expect(clock.sleepers()).toBe(0);
});

it("ends its relays where the ingest fails, and rejects with the failure", async () => {
  const { clock, publish, ended, relays, breakIngest, reports } = setUp();
  await clock.advance(10);
  await publish();
  const outcome = ended.catch((error: unknown) => error);

  breakIngest(new Error("the port is gone"));
  await clock.advance(1_000);

  expect(await outcome).toMatchObject({ message: "the port is gone" });
  expect(relays.get("publish-1")?.stopped).toBe(true);
  expect(reports.at(-1)).toMatchObject([{ publishId: "publish-1", end: "agent stopped" }]);
});

it("ends its relays at the stop where the ingest does not answer", async () => {
  const { clock, publish, stop, ended, relays, ingest } = setUp();
  ingest.drop = () => Promise.reject(new RigError("INGEST_UNREACHABLE", "nginx does not answer"));
  await clock.advance(10);
  await publish();

  stop.abort();
  await clock.advance(6_000);
  await ended;

  expect(relays.get("publish-1")?.stopped).toBe(true);
});

it("refuses a publisher whose yes comes while it stops", async () => {
  const { clock, publish, stop, ended, relays, server } = setUp();
  let answer: (grant: PublishGrant) => void = () => {};
  server.grant = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  await clock.advance(10);
  const decision = publish();
  await clock.advance(10);

  stop.abort();
  await clock.advance(10);
  answer(grant("publish-1"));
  await clock.advance(1_000);
  await ended;

  expect(await decision).toMatchObject({ accepted: false, code: "OVERLOADED" });
  expect(relays.size).toBe(0);
});
