import { describe, expect, it } from "vitest";
import type { Message } from "../raw-client.ts";
import { type Calls, folder, refusal, revisionOf, text } from "./calls.ts";

/** What Compact, Maintenance, Cluster and Auth promise. */
export function restContract({ call, put, get }: Calls): void {
  describe("Compact", () => {
    it("refuses reads before it, and keeps what stands", async () => {
      const at = folder();
      const first = revisionOf(await put(`${at}k`, "one"));
      const last = revisionOf(await put(`${at}k`, "two"));
      await call("KV.Compact", { revision: last });

      expect(text((await get(`${at}k`, { revision: last })).kvs[0].value)).toBe("two");
      const compacted = { code: 11, details: "etcdserver: mvcc: required revision has been compacted" };
      expect(await refusal(get(`${at}k`, { revision: first }))).toEqual(compacted);
      expect(await refusal(call("KV.Compact", { revision: last }))).toEqual(compacted);
      expect((await refusal(call("KV.Compact", { revision: last + 1_000 })))?.details).toMatch(/future revision/);
    });
  });

  describe("Maintenance, Cluster and Auth", () => {
    it("name one member, which leads, and no Auth", async () => {
      const status = await call("Maintenance.Status", {});
      const { members } = await call("Cluster.MemberList", {});

      expect(members.map(({ ID }: Message) => ID)).toEqual([status.leader]);
      expect(status.version).toMatch(/^3\.\d+\.\d+$/);
      expect(await call("Maintenance.Alarm", { action: "Get" })).toMatchObject({ alarms: [] });
      expect(await refusal(call("Auth.Authenticate", { name: "a", password: "b" }))).toEqual({
        code: 9,
        details: "etcdserver: authentication is not enabled",
      });
    });
  });
}
