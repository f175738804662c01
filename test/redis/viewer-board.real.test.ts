import { describe, expect, it } from "vitest";
import { redisViewerBoard } from "../../src/redis/viewer-board.ts";
import { redisViewerSessions } from "../../src/redis/viewer-sessions.ts";
import { allSessions, viewerBoardContract } from "../services/viewer-board-contract.ts";
import { create, sessionNamed } from "../services/viewer-store-contract.ts";
import { startRedis } from "../support/redis.ts";
import { redisWorld } from "../support/redis-world.ts";

describe("the board of viewer sessions in Redis", () => {
  const world = redisWorld(startRedis);
  const [server, board] = [() => redisViewerSessions(world.client()), () => redisViewerBoard(world.client())];

  viewerBoardContract(() => ({ server, board }));

  it("passes over what another hand wrote", async () => {
    const { keys } = world.client();
    const [ada, bob, eve] = ["ada", "bob", "eve"].map(sessionNamed);
    await server().apply(ada!, create());
    await world.redis.admin.set(keys.viewerSession(bob!.key), "foreign");
    await world.redis.admin.lpush(keys.viewerSession(eve!.key), "foreign");
    await world.redis.admin.set(keys.viewerSession("no-hash"), "foreign");

    const sessions = await allSessions(board());

    expect(sessions.map(({ name }) => name)).toEqual(["ada"]);
  });

  it("takes no place that it did not tell", async () => {
    await expect(board().page("foreign")).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
