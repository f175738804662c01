import { expect, it } from "vitest";
import { publicIdOf } from "../../src/domain/viewer-session.ts";
import type { BoardSession, ViewerBoard } from "../../src/services/viewer-board.ts";
import { until } from "../support/until.ts";
import { create, sessionNamed, type ViewerStoreWorld } from "./viewer-store-contract.ts";

interface ViewerBoardWorld extends ViewerStoreWorld {
  /** Over the same place as the stores. */
  board(): ViewerBoard;
}

/** All that a board shows, page by page. */
export async function allSessions(board: ViewerBoard): Promise<readonly BoardSession[]> {
  const found = new Map<string, BoardSession>();
  for (let from: string | null = null; ; ) {
    const page = await board.page(from);
    for (const session of page.sessions) found.set(session.key, session);
    from = page.next;
    if (from === null) return [...found.values()];
  }
}

/** What every board of viewer sessions does; call it within a `describe`. `world` is asked anew in each test. */
export function viewerBoardContract(world: () => ViewerBoardWorld): void {
  const all = () => allSessions(world().board());

  it("shows a session with its name, its tokens and what ended", async () => {
    const store = world().server();
    const [tv, phone] = [
      create({ limit: 1 }, { device: "tv" }),
      create({ limit: 1, policy: "evict-oldest" }, { device: "phone" }),
    ];
    const ada = sessionNamed("ada");
    for (const each of [tv, phone]) await store.apply(ada, each);

    const shown = await world().board().show(ada.key);

    expect(shown).toMatchObject({
      ...{ ...ada, limit: 1 },
      tokens: [{ tokenHash: phone.tokenHash, details: { device: "phone" } }],
      ended: [{ tokenHash: tv.tokenHash, cause: "oldest", by: { publicId: publicIdOf(phone) } }],
    });
    expect(shown?.tokens[0]?.createdAt).toBeLessThanOrEqual(shown?.at ?? 0);
    expect(await all()).toEqual([{ ...ada, tokens: shown?.tokens, ended: shown?.ended, limit: 1 }]);
  });

  it("shows what ended of a session that has no live token, and lists it no more", async () => {
    const [store, ada, tv] = [world().server(), sessionNamed("ada"), create()];
    await store.apply(ada, tv);
    await store.apply(ada, { do: "stop", rules: tv.rules, which: { publicId: publicIdOf(tv) } });

    const shown = await world().board().show(ada.key);

    expect(shown).toMatchObject({ ...ada, tokens: [], ended: [{ tokenHash: tv.tokenHash, cause: "stopped" }] });
    expect(await all()).toEqual([]);
  });

  it("shows no session that nobody has, or whose tokens are dead", async () => {
    const ada = sessionNamed("ada");
    expect(await world().board().show(ada.key)).toBeNull();
    await world()
      .server()
      .apply(ada, create({ expiryMs: 200 }));

    await until(async () => (await world().board().show(ada.key)) === null);

    expect(await all()).toEqual([]);
  });

  it("walks over all sessions page by page", async () => {
    const store = world().server();
    const names = Array.from({ length: 1_201 }, (_, n) => sessionNamed(`s${n}`));
    for (let n = 0; n < names.length; n += 100)
      await Promise.all(names.slice(n, n + 100).map((name) => store.apply(name, create()))); // a slow machine has 2 s for each

    const found = await all();

    expect(found.map(({ name }) => name).sort()).toEqual(names.map(({ name }) => name).sort());
  });
}
