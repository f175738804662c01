import { describe, expect, it } from "vitest";
import { put } from "../../src/etcd/operation.ts";
import { etcdViewerBoard } from "../../src/etcd/viewer-board.ts";
import { etcdViewerSessions } from "../../src/etcd/viewer-sessions.ts";
import { allSessions, viewerBoardContract } from "../services/viewer-board-contract.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { STORES } from "../support/etcd-stores.ts";
import { storeWorld } from "../support/store-world.ts";

describe.each(STORES)("the board of viewer sessions in $name", ({ start }) => {
  const world = storeWorld(start);
  const [server, board] = [() => etcdViewerSessions(world.client()), () => etcdViewerBoard(world.client())];

  viewerBoardContract(() => ({ server, board }));

  it("passes over what another hand wrote", async () => {
    const { commit, keys } = world.etcd;
    const ada = sessionNamed("ada");
    await server().apply(ada, create());
    const foreign = [keys.viewerSession("no-hash"), keys.viewerSession(sessionNamed("bob").key)];
    await commit({
      what: "test",
      when: [],
      apply: foreign.map((key) => put(key, Buffer.from("foreign"))),
      answer: () => true,
      settle: async () => ({ was: "lost" }),
    });

    const sessions = await allSessions(board());

    expect(sessions.map(({ name }) => name)).toEqual(["ada"]);
  });
});
