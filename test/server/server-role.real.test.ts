import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApiClient } from "../../src/api/client.ts";
import { serverForAgent } from "../../src/api/server-for-agent.ts";
import { Secret } from "../../src/domain/secret.ts";
import { ADA, AT, type Calls, CHANNEL, fakeServices } from "./fake-services.ts";
import { OPERATOR_TOKEN, runServer, type TestIdentities, testIdentities } from "./running-server.ts";

type Running = Awaited<ReturnType<typeof runServer>>;

let identities: TestIdentities;
let server: Running;
let calls: Calls;
beforeAll(async () => {
  identities = await testIdentities();
});
afterAll(() => identities.remove());
beforeEach(async () => {
  calls = [];
  server = await runServer(fakeServices(calls), identities.server);
});
afterEach(() => server.stop());

const signal = new AbortController().signal;
const operator = () => server.client({ bearer: OPERATOR_TOKEN });
const agent = (credential = identities.agent) => server.client({ credential });
const lastCall = () => calls.at(-1);
const opened = (value: unknown) => (value instanceof Secret ? value.open() : value); // two Secrets always look equal

describe("who may call", () => {
  it("knows an operator by the bearer token and says so to the service", async () => {
    const user = await operator().call("addUser", { body: { username: "bob", email: "bob@example.org" } });

    expect(user).toEqual({ ...ADA, username: "bob", email: "bob@example.org" });
    expect(lastCall()).toEqual([
      "users.add",
      { username: "bob", email: "bob@example.org" },
      { kind: "operator", id: "rig-up", address: "127.0.0.1", requestId: "REQ1" },
    ]);
  });

  it("knows an agent by its client certificate, whatever it says of itself", async () => {
    await serverForAgent(agent()).report([], signal);

    expect(lastCall()).toEqual(["publishes.report", "edge-1", []]);
  });

  it.each<[string, () => ApiClient, "listUsers" | "reportUsage", string]>([
    ["no credentials on an operator's route", () => server.client(), "listUsers", "INVALID_CREDENTIALS"],
    ["no credentials on an agent's route", () => server.client(), "reportUsage", "INVALID_CREDENTIALS"],
    ["a wrong bearer token", () => server.client({ bearer: new Secret("wrong") }), "listUsers", "INVALID_CREDENTIALS"],
    [
      "a wrong bearer token beside a good certificate",
      () => server.client({ bearer: new Secret("wrong"), credential: identities.agent }),
      "reportUsage",
      "INVALID_CREDENTIALS",
    ],
    ["an agent of a foreign CA", () => agent(identities.foreignAgent), "reportUsage", "INVALID_CREDENTIALS"],
    ["a server's certificate as a client's", () => agent(identities.server), "reportUsage", "INVALID_CREDENTIALS"],
    ["an operator on an agent's route", () => operator(), "reportUsage", "FORBIDDEN"],
    ["an agent on an operator's route", () => agent(), "listUsers", "FORBIDDEN"],
  ])("refuses %s", async (_who, client, route, code) => {
    const call = client().call(route, route === "reportUsage" ? { body: { reports: [] } } : {});

    await expect(call).rejects.toMatchObject({ code });
    expect(calls).toEqual([]);
  });

  it("does not talk to a client that trusts another CA", async () => {
    const call = server.client({ bearer: OPERATOR_TOKEN, ca: identities.foreignAgent.ca }).call("listUsers");

    await expect(call).rejects.toMatchObject({ code: "SERVER_UNREACHABLE" });
  });
});

describe("the routes of operators", () => {
  it("adds a stream and shows its key once, as a secret", async () => {
    const { streamKey, ...stream } = await operator().call("addStream", { body: { userId: "ada", title: "Show" } });

    expect(stream).toEqual({ id: "S1", userId: "U1", title: "Show", createdAt: AT, revision: 1 });
    expect(streamKey.open()).toBe("sk-new");
    expect(lastCall()?.[1]).toEqual({ user: "ada", title: "Show" });
  });

  it("shows a live stream with its publish and its relays", async () => {
    const [stream] = await operator().call("listStreams", { query: { user: "ada" } });

    expect(stream).toMatchObject({ id: "S1", username: "ada", live: true });
    expect(stream?.publish).toEqual({
      id: "P1",
      agentId: "edge-1",
      startedAt: AT,
      ingestBytes: 1000,
      ingestBps: 4_000_000,
      lostFrames: 0,
    });
    expect(stream?.relays[0]).toMatchObject({ destinationId: "D1", state: "waiting", nextRetryAt: AT + 1500 });
  });

  it("takes a destination by URL and one by service, its key as a secret", async () => {
    await operator().call("addDestination", {
      params: { streamId: "S1" },
      body: { url: "rtmp://h/app", streamKey: new Secret("k?a=1#") },
    });
    const byUrl = lastCall();
    await operator().call("addDestination", {
      params: { streamId: "S1" },
      body: { service: "Twitch", server: "SIN", streamKey: new Secret("k") },
    });

    expect(byUrl?.slice(0, 3)).toEqual(["destinations.add", "S1", { url: "rtmp://h/app" }]);
    expect(opened(byUrl?.[3])).toBe("k?a=1#");
    expect(lastCall()?.[2]).toEqual({ service: "Twitch", server: "SIN" });
  });

  it("changes only what is given of a destination", async () => {
    const changed = await operator().call("changeDestination", {
      params: { destinationId: "D1" },
      body: { enabled: false },
    });

    expect(changed).toEqual({ ...CHANNEL, revision: 2 });
    expect(lastCall()?.slice(0, 3)).toEqual(["destinations.edit", "D1", { enabled: false }]);
  });

  it("drops, changes keys, retries, removes, lists", async () => {
    const client = operator();

    expect(await client.call("dropStream", { params: { streamId: "S1" } })).toEqual({ dropped: true });
    expect((await client.call("changeStreamKey", { params: { streamId: "S1" } })).streamKey.open()).toBe("sk-rotated");
    expect((await client.call("retryDestination", { params: { destinationId: "D1" } })).retrySeq).toBe(1);
    expect(await client.call("removeDestination", { params: { destinationId: "D1" } })).toBeNull();
    expect(await client.call("listDestinations", { params: { streamId: "S1" } })).toEqual([CHANNEL]);
    expect(await client.call("getUser", { params: { userId: "ada" } })).toEqual(ADA);
    expect(await client.call("listAgents")).toEqual([]);
    expect(await client.call("changeUser", { params: { userId: "ada" }, body: { disabled: true } })).toEqual({
      ...ADA,
      disabledAt: AT,
    });
  });

  it("changes a user's quota as far as it is named, and nothing by an empty change", async () => {
    const change = (body: object) => operator().call("changeUser", { params: { userId: "ada" }, body });

    const { quota } = await change({ quota: { viewerTokens: 2, viewerTokensPerDevice: null } });

    expect(quota).toEqual({ viewerTokens: 2, viewerTokensPerDevice: null, viewerTokensPerContent: null });
    expect(lastCall()?.slice(0, 3)).toEqual([
      ...["users.change", "ada", { quota: { viewerTokens: 2, viewerTokensPerDevice: null } }],
    ]);
    calls.length = 0;
    for (const body of [{}, { quota: {} }])
      await expect(change(body)).rejects.toMatchObject({
        code: "MISSING_INPUT",
        message: "body must change something",
      });
    for (const [viewerTokens, message] of [
      [0, "must be 1 or more"],
      [1_001, "must be 1000 or fewer"],
    ])
      await expect(change({ quota: { viewerTokens } })).rejects.toMatchObject({
        faults: [{ field: "quota.viewerTokens", message }],
      });
    expect(calls).toEqual([]);
  });

  it("lists the usage of one user in a month, by name", async () => {
    const usage = await operator().call("listUsage", { query: { period: "2026-11", user: "ada" } });

    expect(usage[0]).toMatchObject({ username: "ada", liveSeconds: 12.5 });
    expect(lastCall()).toEqual(["usage.list", "2026-11", "U1"]);
  });
});

describe("the routes of agents", () => {
  const attempt = { ingestInstance: "boot-1", clientId: "7", clientAddress: "192.0.2.1" };

  it("grants a publish with its targets, destination keys as secrets", async () => {
    const grant = await serverForAgent(agent()).authenticate({ ...attempt, streamKey: new Secret("sk-good") }, signal);

    expect(grant).toMatchObject({ publishId: "P1", streamId: "S1", creditUntilSeconds: null });
    expect(grant.targets[0]?.destination).toEqual(CHANNEL);
    expect(grant.targets[0]?.destinationKey.open()).toBe("dk-1");
    expect(lastCall()?.[1]).toMatchObject({ ...attempt, agentId: "edge-1" });
  });

  it("refuses a publish with the service's own code", async () => {
    const asked = serverForAgent(agent()).authenticate({ ...attempt, streamKey: new Secret("sk-bad") }, signal);

    await expect(asked).rejects.toMatchObject({ code: "STREAM_KEY_UNKNOWN", message: "no such stream key" });
  });

  it("refuses a stream key that no server would take before sending it", async () => {
    const asked = serverForAgent(agent()).authenticate({ ...attempt, streamKey: new Secret("x".repeat(513)) }, signal);

    await expect(asked).rejects.toMatchObject({ code: "INVALID_INPUT", faults: [{ field: "streamKey" }] });
    expect(calls).toEqual([]);
  });

  it("gives targets, ends a publish, records usage", async () => {
    const asAgent = serverForAgent(agent());
    const report = {
      publishId: "P1",
      liveSeconds: 5.25,
      ingestBytes: 100,
      destinations: [{ destinationId: "D1", egressSeconds: 5, egressBytes: 90 }],
      end: null,
    };

    const { revision, targets } = await asAgent.targets("P1", signal);
    await asAgent.end("P1", "claim lost", signal);
    const answers = await asAgent.report([report], signal);

    expect(revision).toBe(2);
    expect(targets[0]?.destinationKey.open()).toBe("dk-2");
    expect(answers).toEqual([
      { publishId: "P1", known: true, revision: 1, drop: null, creditUntilSeconds: 60.5, creditSeq: 3 },
    ]);
    expect(calls.map(([name, ...args]) => [name, ...args.slice(0, 2)])).toEqual([
      ["publishes.targets", "P1", "edge-1"],
      ["publishes.end", "P1", "edge-1"],
      ["publishes.report", "edge-1", [report]],
    ]);
  });
});
