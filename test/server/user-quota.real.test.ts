import { afterEach, beforeEach, expect, it } from "vitest";
import { listAudit } from "../../src/db/audit.ts";
import { publishStore } from "../../src/db/publishes.ts";
import { userReader, userStore } from "../../src/db/users.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { systemIds } from "../../src/runtime/ids.ts";
import { userService } from "../../src/services/users.ts";
import { viewerUsers } from "../../src/services/viewer-users.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type FreshDatabase, freshDatabase } from "../support/fresh-database.ts";
import { memoryViewers } from "../support/memory-viewers.ts";
import { silentLog } from "../support/silent-log.ts";
import { until } from "../support/until.ts";
import { fakeServices } from "./fake-services.ts";
import { OPERATOR_TOKEN, runServer, type TestIdentities, testIdentities } from "./running-server.ts";
import { testViewers } from "./test-viewers.ts";

/** The server's API over real users: what one route changes, another counts. */
let fresh: FreshDatabase;
let identities: TestIdentities;
let server: Awaited<ReturnType<typeof runServer>>;
let laterMs: number;

beforeEach(async () => {
  [fresh, identities] = await Promise.all([freshDatabase(), testIdentities()]);
  laterMs = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + laterMs };
  const users = userService({
    ...{ users: userStore(fresh.database), publishes: publishStore(fresh.database), clock: systemClock },
    ...{ drops: { drop: async () => false }, ids: systemIds, log: silentLog },
  });
  const looked = viewerUsers({ read: userReader(fresh.database), clock, log: silentLog });
  const { viewers } = testViewers(memoryViewers(fakeClock()), async () => {}, looked);
  server = await runServer(fakeServices([], { users, viewers }), identities.server);
});
afterEach(async () => {
  await server?.stop();
  await identities?.remove();
  await fresh?.drop();
});

it("PATCH /v1/users/{userId} sets a quota with its audit entry, and /v1/tokens counts it from then on", async () => {
  const api = server.client({ bearer: OPERATOR_TOKEN });
  const { id, quota: first } = await api.call("addUser", { body: { username: "ada", email: "ada@example.org" } });
  /** Until `/v1/tokens` says so: a limit, or why it refuses. On a slow machine the first look at a user may come too late. */
  const untilSaid = (expected: number | string) =>
    until(async () => {
      laterMs += 10_000;
      const asked = api.call("createSessionSecret", { body: { session: "s", user: "ada" } });
      return expected === (await asked.then(({ limit }) => limit).catch(({ code }) => code));
    });
  const limits = (viewerTokens: number | null, viewerTokensPerDevice: number | null) => ({
    ...{ viewerTokens, viewerTokensPerDevice, viewerTokensPerContent: null },
  });
  expect(first).toEqual(limits(null, null));
  await untilSaid(3);

  const quota = { viewerTokens: 2, viewerTokensPerDevice: 1 };
  const changed = await api.call("changeUser", { params: { userId: "ada" }, body: { quota } });

  expect(changed).toMatchObject({ id, disabledAt: null, quota: limits(2, 1) });
  expect(await api.call("getUser", { params: { userId: id } })).toEqual(changed);
  await untilSaid(2);
  await api.call("changeUser", { params: { userId: id }, body: { disabled: true, quota: { viewerTokens: null } } });
  await untilSaid("USER_DISABLED");
  const entries = await listAudit(fresh.database, { subject: id });
  expect(entries.map(({ action, actor, detail }) => [action, actor.id, detail])).toEqual([
    ["user.quota", "rig-up", { username: "ada", viewerTokens: null }],
    ["user.disable", "rig-up", { username: "ada" }],
    ["user.quota", "rig-up", { username: "ada", ...quota }],
    ["user.add", "rig-up", { username: "ada" }],
  ]);
});
