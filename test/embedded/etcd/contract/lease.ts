import { describe, expect, it } from "vitest";
import { b, type Calls, folder, prefix, refusal, revisionOf, text } from "./calls.ts";

/** What leases promise. */
export function leaseContract({ call, put, list, watch, keepAlive }: Calls): void {
  describe("Lease", () => {
    const grant = (TTL: number, ID: string | number = 0) => call("Lease.LeaseGrant", { TTL, ID });
    const timeToLive = (ID: string, keys = false) => call("Lease.LeaseTimeToLive", { ID, keys });

    it("takes its keys with it, in one revision", async () => {
      const at = folder();
      const { ID } = await grant(600);
      await put(`${at}a`, "", { lease: ID });
      const last = revisionOf(await put(`${at}b`, "", { lease: ID }));

      await call("Lease.LeaseRevoke", { ID });

      expect(await list(at)).toMatchObject({ count: "0", header: { revision: String(last + 1) } });
      expect((await timeToLive(ID)).TTL).toBe("-1");
    });

    it("ends by itself and tells those who watch", async () => {
      const at = folder();
      const deaths = watch();
      deaths.write({ create_request: { ...prefix(at), filters: ["Noput"] } });
      await deaths.message(0);
      const { ID, TTL } = await grant(2);
      await put(`${at}k`, "", { lease: ID });

      const told = await deaths.message(1);

      expect(TTL).toBe("2");
      expect(told.events[0]).toMatchObject({ type: "Delete", kv: { key: b(`${at}k`) } });
      deaths.end();
    });

    it("lives on while it is kept alive, and knows its keys", async () => {
      const at = folder();
      const { ID } = await grant(600);
      await put(`${at}k`, "", { lease: ID });
      const stream = keepAlive();
      stream.write({ ID });

      expect(await stream.message(0)).toMatchObject({ ID, TTL: "600" });
      const { TTL, grantedTTL, keys } = await timeToLive(ID, true);
      expect(Number(TTL)).toBeGreaterThan(590);
      expect([grantedTTL, keys.map(text)]).toEqual(["600", [`${at}k`]]);
      expect((await call("Lease.LeaseLeases", {})).leases).toContainEqual({ ID });
      stream.end();
      await call("Lease.LeaseRevoke", { ID });
    });

    it("answers TTL 0 to a keep-alive of a lease that is not there", async () => {
      const stream = keepAlive();
      stream.write({ ID: "5050505" });

      expect(await stream.message(0)).toMatchObject({ ID: "5050505", TTL: "0" });
      stream.end();
    });

    it("refuses an id twice, and to end one that is not there", async () => {
      const { ID } = await grant(600, "60606");

      expect(await refusal(grant(600, ID))).toEqual({ code: 9, details: "etcdserver: lease already exists" });
      await call("Lease.LeaseRevoke", { ID });
      expect(await refusal(call("Lease.LeaseRevoke", { ID }))).toEqual({
        code: 5,
        details: "etcdserver: requested lease not found",
      });
    });

    it("lets go of a key that is put again without it", async () => {
      const at = folder();
      const { ID } = await grant(600);
      await put(`${at}k`, "", { lease: ID });
      await put(`${at}k`);

      await call("Lease.LeaseRevoke", { ID });

      expect((await list(at)).count).toBe("1");
    });
  });
}
