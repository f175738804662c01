import { createHash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RigError } from "../../src/domain/errors.ts";
import { type ViewerSessionStore, viewerTokens } from "../../src/services/viewer-tokens.ts";
import { fakeClock } from "../support/fake-clock.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** A store as several servers share it: each call takes a turn of the event loop, so that they interleave. */
function sharedStore() {
  const values = new Map<string, { value: string; version: number }>();
  const counts = { read: 0, replace: 0, lost: 0 };
  const turn = () => new Promise<void>((done) => setImmediate(done));
  const store: ViewerSessionStore = {
    async read(key) {
      counts.read += 1;
      await turn();
      const entry = values.get(key);
      return { value: entry?.value ?? null, version: String(entry?.version ?? 0) };
    },
    async replace(key, version, value) {
      counts.replace += 1;
      await turn();
      const present = values.get(key)?.version ?? 0;
      if (String(present) !== version) {
        counts.lost += 1;
        return false;
      }
      values.set(key, { value, version: present + 1 });
      return true;
    },
  };
  return { store, values, counts };
}

function service(store: ViewerSessionStore, clock = fakeClock()) {
  return viewerTokens({ store, clock, hash, newToken: randomUUID, limit: 3, expirySeconds: 30 });
}

describe("viewerTokens", () => {
  it("asks for a session before anything else", async () => {
    const { store, counts } = sharedStore();

    expect(await service(store).admit("", "some token")).toEqual({ answer: "no session" });
    expect(counts.read).toBe(0);
  });

  it("renews the token it issued, to the full expiry each time", async () => {
    const clock = fakeClock();
    const viewers = service(sharedStore().store, clock);
    const issued = await viewers.admit("ada", null);
    const token = "token" in issued ? issued.token : "";

    for (let i = 0; i < 3; i++) {
      await clock.advance(29_999);
      expect(await viewers.admit("ada", token)).toEqual({ answer: "renewed", token });
    }
    await clock.advance(30_000);
    expect(await viewers.admit("ada", token)).toEqual({ answer: "token expired" });
  });

  it("grants exactly the limit to 64 requests on four servers at once", async () => {
    const { store, values } = sharedStore();
    const servers = [1, 2, 3, 4].map(() => service(store));

    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, i) => servers[i % 4]!.admit("ada", null).then(({ answer }) => answer)),
    );

    expect(answers.filter((answer) => answer === "issued")).toHaveLength(3);
    expect(answers.filter((answer) => answer === "limit reached")).toHaveLength(61);
    expect(values.size).toBe(1);
  });

  it("lets requests of one process wait for each other instead of losing to each other", async () => {
    const { store, counts } = sharedStore();
    const viewers = service(store);

    await Promise.all(Array.from({ length: 32 }, () => viewers.admit("ada", null)));

    expect(counts).toEqual({ read: 32, replace: 3, lost: 0 });
  });

  it.each([["*"], ["a:b"], ["[a-z]"], ["a/b"], ["\u0000"], ["x".repeat(5000)]])(
    "takes the session name %j as data",
    async (name) => {
      const { store, values } = sharedStore();
      const viewers = service(store);
      const other = await viewers.admit("a", null);
      const foreign = "token" in other ? other.token : "";

      for (let i = 0; i < 3; i++) expect((await viewers.admit(name, null)).answer).toBe("issued");

      expect((await viewers.admit(name, null)).answer).toBe("limit reached");
      expect((await viewers.admit(name, foreign)).answer).toBe("token expired");
      expect((await viewers.admit("a", foreign)).answer).toBe("renewed");
      for (const key of values.keys()) expect(key).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  it("keeps only hashes of tokens, and long names as their hash", async () => {
    const { store, values } = sharedStore();
    const answer = await service(store).admit("x".repeat(257), null);
    const token = "token" in answer ? answer.token : "";

    const [value] = [...values.values()].map((entry) => entry.value);

    expect(value).not.toContain(token);
    expect(value).toContain(hash(token));
    expect(JSON.parse(value!)).toMatchObject({ session: hash("x".repeat(257)) });
  });

  it("fails when the store fails, and works again after it", async () => {
    const { store } = sharedStore();
    let broken = true;
    const viewers = service({
      ...store,
      read: (key) => (broken ? Promise.reject(new RigError("ETCD_UNREACHABLE", "away")) : store.read(key)),
    });

    const failed = await Promise.allSettled([viewers.admit("ada", null), viewers.admit("ada", null)]);
    broken = false;

    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect((await viewers.admit("ada", null)).answer).toBe("issued");
  });

  it("gives up on a session that others change without end", async () => {
    const { store } = sharedStore();

    await expect(service({ ...store, replace: async () => false }).admit("ada", null)).rejects.toMatchObject({
      code: "OVERLOADED",
    });
  });
});
