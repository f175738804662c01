import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { etcdClient } from "../../src/etcd/client.ts";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { create, list, refresh, sessionNamed } from "../services/viewer-store-contract.ts";
import { etcdPrefix } from "../support/etcd-prefix.ts";
import { type RunningStore, STORES } from "../support/etcd-stores.ts";
import { etcdWorld } from "../support/etcd-world.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const ada = sessionNamed("ada");
const AWAY = ["ETCD_UNREACHABLE", "ETCD_AMBIGUOUS"];

// In process there is nothing that could be cut.
describe.each(STORES.filter(({ name }) => !name.includes("in process")))(
  "viewer sessions without $name",
  ({ start }) => {
    const world = etcdWorld();
    let store: RunningStore | null;
    beforeAll(async () => {
      store = await start();
    });
    beforeEach((context) => {
      if (!store) context.skip();
    });
    afterAll(() => store?.close());

    it.each(["cut", "freeze"] as const)("are an error and no token (%s), and exact again afterwards", async (how) => {
      const proxy = await tcpProxy(store?.endpoint ?? "");
      const viewers = etcdViewerSessions(
        world.client(etcdClient({ endpoints: [proxy.endpoint], prefix: etcdPrefix() })),
      );
      const mine = create();
      await viewers.apply(ada, mine);

      proxy[how]();
      const asked = [mine, create(), create(), refresh(mine.tokenHash), list].map((each) => viewers.apply(ada, each));
      const outcomes = await Promise.allSettled(asked);
      proxy.mend();
      await until(async () => (await viewers.apply(ada, list).catch(() => null)) !== null);
      const creates = [create(), create(), create(), create()].map((each) => viewers.apply(ada, each));
      const answers = await Promise.all(creates);

      for (const outcome of outcomes) {
        expect(outcome.status).toBe("rejected");
        if (outcome.status === "rejected") expect(AWAY).toContain(outcome.reason.code);
      }
      expect((await viewers.apply(ada, refresh(mine.tokenHash))).answer).toBe("renewed");
      expect((await viewers.apply(ada, list)).active).toHaveLength(3);
      expect(answers.filter(({ answer }) => answer === "issued").length).toBeLessThanOrEqual(2);
      await proxy.close();
    });
  },
);
