import { beforeEach, describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import type { User } from "../../src/domain/user.ts";
import { NO_QUOTA } from "../../src/domain/user-quota.ts";
import { type ViewerUsers, viewerUsers } from "../../src/services/viewer-users.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

const HOUR_MS = 3_600_000;
const HANGS = new Promise<never>(() => {});

const ada = (viewerTokens: number | null = null): User => ({
  ...{ id: "U1", username: "ada", email: "ada@example.org", disabledAt: null, createdAt: 0 },
  quota: { ...NO_QUOTA, viewerTokens },
});

let clock: FakeClock;
let asked: string[];
let answer: (idOrName: string) => Promise<User | null>;
let lines: string[];
let users: ViewerUsers;

beforeEach(() => {
  clock = fakeClock();
  [asked, lines] = [[], []];
  answer = async () => ada(1);
  const note = (_: object, line: string) => void lines.push(line);
  users = viewerUsers({
    read: async (idOrName) => {
      asked.push(idOrName);
      return answer(idOrName);
    },
    clock,
    log: { info: note, error: note },
  });
});

const away = async () => Promise.reject(new RigError("DATABASE_UNREACHABLE", "connect ECONNREFUSED 192.0.2.1:5432"));
const tokensOf = async (idOrName = "ada") => (await users.find(idOrName)).quota.viewerTokens;

describe("viewerUsers", () => {
  it("asks once in 10 s, and then hears what has changed", async () => {
    expect([await tokensOf(), await tokensOf()]).toEqual([1, 1]);
    answer = async () => ada(2);
    await clock.advance(9_999);
    expect([await tokensOf(), asked.length]).toEqual([1, 1]);

    await clock.advance(1);

    expect([await tokensOf(), asked.length]).toEqual([2, 2]);
  });

  it("reads a user once for all who ask meanwhile, and two users side by side", async () => {
    const all = await Promise.all(["ada", "ada", "bob", "ada"].map(tokensOf));

    expect(all).toEqual([1, 1, 1, 1]);
    expect(asked.sort()).toEqual(["ada", "bob"]);
  });

  it("says USER_NOT_FOUND, and asks again the next time", async () => {
    answer = async () => null;
    await expect(users.find("ada")).rejects.toMatchObject({ code: "USER_NOT_FOUND", message: 'no user "ada"' });

    answer = async () => ada(1);

    expect(await tokensOf()).toBe(1);
  });

  it("forgets a user who was removed", async () => {
    await tokensOf();
    answer = async () => null;
    await clock.advance(10_000);
    await expect(users.find("ada")).rejects.toMatchObject({ code: "USER_NOT_FOUND" });

    answer = away;

    await expect(users.find("ada")).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  });

  it("serves the last known for an hour while the database is away, and asks it every 5 s", async () => {
    await tokensOf();
    answer = away;
    await clock.advance(10_000);
    expect([await tokensOf(), await tokensOf(), asked.length]).toEqual([1, 1, 2]);
    await clock.advance(4_999);
    expect([await tokensOf(), asked.length]).toEqual([1, 2]);
    await clock.advance(1);
    expect([await tokensOf(), asked.length]).toEqual([1, 3]);
    await clock.advance(HOUR_MS - 15_001);
    expect(await tokensOf()).toBe(1);

    await clock.advance(1);

    await expect(users.find("ada")).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    answer = async () => ada(3);
    expect(await tokensOf()).toBe(3);
  });

  it("refuses one who was never seen while the database is away, and tells nobody its address", async () => {
    answer = away;

    await expect(users.find("ada")).rejects.toMatchObject({
      code: "DATABASE_UNREACHABLE",
      message: "the user cannot be looked up now",
    });
  });

  it("waits less than 1 s for a database that hangs, once for all who ask, and not again while it does", async () => {
    await tokensOf("bob");
    await clock.advance(10_000);
    answer = () => HANGS;
    const ended: string[] = [];
    const ask = (idOrName: string) =>
      users.find(idOrName).then(
        () => ended.push(`${idOrName} served`),
        ({ code }) => ended.push(`${idOrName} ${code}`),
      );
    void ask("ada");
    void ask("bob");
    await clock.advance(800);
    expect(ended).toEqual([]);
    void ask("ada");

    await clock.advance(199);

    expect(ended.sort()).toEqual(["ada DATABASE_UNREACHABLE", "ada DATABASE_UNREACHABLE", "bob served"]);
    await Promise.all([ask("ada"), ask("bob")]);
    expect(ended.slice(3).sort()).toEqual(["ada DATABASE_UNREACHABLE", "bob served"]);
    expect(asked).toEqual(["bob", "ada", "bob"]);
  });

  it("lets nobody wait whom it knows once the database is known to be away", async () => {
    await Promise.all([tokensOf("ada"), tokensOf("bob")]);
    await clock.advance(10_000);
    answer = away;
    await tokensOf("ada");

    answer = () => HANGS;
    expect([await tokensOf("bob"), await tokensOf("bob"), asked]).toEqual([1, 1, ["ada", "bob", "ada", "bob"]]);
    await clock.advance(5_000);
    answer = async () => ada(2);

    expect(await tokensOf("ada")).toBe(1);
    await clock.advance(0);
    expect(await tokensOf("ada")).toBe(2);
  });

  it("takes a late answer, for those who ask next", async () => {
    let tell = (_: User) => {};
    answer = () => new Promise((resolve) => (tell = resolve));
    const first = users.find("ada").catch(({ code }) => code);
    await clock.advance(1_000);
    expect(await first).toBe("DATABASE_UNREACHABLE");

    tell(ada(7));
    await clock.advance(0);

    expect([await tokensOf(), asked.length]).toEqual([7, 1]);
  });

  it("lets a fault of its own fly, also where it knows the user", async () => {
    await tokensOf();
    await clock.advance(10_000);
    answer = async () => Promise.reject(new Error("column does not exist"));

    await expect(users.find("ada")).rejects.toThrow("column does not exist");
  });

  it("knows 10,000 users, those that were read last", async () => {
    for (let n = 0; n <= 10_000; n++) await users.find(`u${n}`);
    answer = away;

    await expect(users.find("u0")).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(await tokensOf("u1")).toBe(1);
  });

  it("reads 1,000 users at once and no more", async () => {
    answer = () => HANGS;
    for (let n = 0; n < 1_000; n++) void users.find(`u${n}`).catch(() => {});

    await expect(users.find("one more")).rejects.toMatchObject({ code: "OVERLOADED" });
    await clock.advance(1_000);
  });

  it("says in the log that the database is away, and that it is back, once each", async () => {
    await tokensOf();
    answer = away;
    await clock.advance(10_000);
    await Promise.allSettled(["ada", "bob", "eve"].map(tokensOf));
    await clock.advance(5_000);
    answer = async () => ada(1);
    await Promise.all(["ada", "bob"].map(tokensOf));

    expect(lines).toEqual([
      "look-ups of users for viewer tokens fail",
      "look-ups of users for viewer tokens work again",
    ]);
  });
});
