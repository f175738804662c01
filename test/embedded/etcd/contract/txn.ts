import { describe, expect, it } from "vitest";
import type { Message } from "../raw-client.ts";
import { b, type Calls, folder, prefix, refusal, text } from "./calls.ts";

/** What transactions promise. */
export function txnContract({ call, put, list }: Calls): void {
  describe("Txn", () => {
    const txn = (compare: object[], success: object[], failure: object[] = []) =>
      call("KV.Txn", { compare, success, failure });
    const putOp = (key: string, value = "", more = {}) => ({
      request_put: { key: b(key), value: b(value), ...more },
    });
    const absent = (key: string) => ({ key: b(key), target: "Create", result: "Equal", create_revision: 0 });

    it("creates a key once", async () => {
      const at = folder();
      const create = (value: string) =>
        txn([absent(`${at}k`)], [putOp(`${at}k`, value)], [{ request_range: { key: b(`${at}k`) } }]);

      const [first, second] = [await create("mine"), await create("theirs")];

      expect([first.succeeded, second.succeeded]).toEqual([true, false]);
      expect(text(second.responses[0].response_range.kvs[0].value)).toBe("mine");
    });

    it("gives everything in it one revision", async () => {
      const at = folder();
      const { header } = await txn(
        [],
        [putOp(`${at}a`), putOp(`${at}b`), { request_txn: { success: [putOp(`${at}c`)] } }],
      );

      const { kvs } = await list(at);

      expect(kvs.map(({ mod_revision }: Message) => mod_revision)).toEqual([
        header.revision,
        header.revision,
        header.revision,
      ]);
    });

    it("reads its own writes", async () => {
      const at = folder();
      const { responses } = await txn([], [putOp(`${at}k`, "new"), { request_range: { key: b(`${at}k`) } }]);

      expect(text(responses[1].response_range.kvs[0].value)).toBe("new");
    });

    it("evaluates nested compares on the state before the outer transaction", async () => {
      const at = folder();
      const ifAbsent = (key: string, then: string) => ({
        request_txn: { compare: [absent(at + key)], success: [putOp(at + then)] },
      });

      const { responses } = await txn([], [ifAbsent("y", "x"), ifAbsent("x", "y")]);

      expect(responses.map(({ response_txn }: Message) => response_txn.succeeded)).toEqual([true, true]);
      expect((await list(at)).count).toBe("2");
    });

    it("compares every key of a range, and a missing one as zero", async () => {
      const at = folder();
      await put(`${at}a`);
      await put(`${at}b`);
      await put(`${at}b`);
      const compare = (more: object) => txn([{ ...prefix(at), ...more }], []).then(({ succeeded }) => succeeded);

      expect(await compare({ target: "Version", result: "Greater", version: 0 })).toBe(true);
      expect(await compare({ target: "Version", result: "Equal", version: 1 })).toBe(false);
      expect(
        await compare({ key: b("gone"), range_end: b("gonf"), target: "Mod", result: "Equal", mod_revision: 0 }),
      ).toBe(true);
      expect(
        await compare({ key: b("gone"), range_end: b("gonf"), target: "Value", result: "NotEqual", value: b("x") }),
      ).toBe(false);
    });

    it("compares leases beyond 2^53", async () => {
      const at = folder();
      const lease = "9007199254740993";
      await call("Lease.LeaseGrant", { ID: lease, TTL: 600 });
      await put(`${at}k`, "", { lease });
      const held = (of: string) =>
        txn([{ key: b(`${at}k`), target: "Lease", result: "Equal", lease: of }], []).then(({ succeeded }) => succeeded);

      expect([await held(lease), await held("9007199254740992")]).toEqual([true, false]);
      await call("Lease.LeaseRevoke", { ID: lease });
    });

    it.each([
      ["puts one key twice", [putOp("dup"), putOp("dup")]],
      ["puts what it deletes", [putOp("dup"), { request_delete_range: { key: b("d"), range_end: b("e") } }]],
      ["puts one key in two nested parts", [putOp("dup"), { request_txn: { success: [putOp("dup")] } }]],
    ])("refuses a transaction that %s", async (_, success) => {
      expect(await refusal(txn([], success))).toEqual({
        code: 3,
        details: "etcdserver: duplicate key given in txn request",
      });
    });

    it.each([
      [100, 28, null],
      [100, 29, "etcdserver: too many operations in txn request"],
      [128, 0, null],
      [129, 0, "etcdserver: too many operations in txn request"],
    ])("with %i parts of %i operations answers %s", async (outer, inner, words) => {
      const at = folder();
      const part = (i: number) => ({
        request_txn: { success: Array.from({ length: inner }, (_, k) => putOp(`${at}${i}/${k}`)) },
      });

      const answer = await refusal(
        txn(
          [],
          Array.from({ length: outer }, (_, i) => part(i)),
        ),
      );

      expect(answer?.details ?? null).toBe(words);
    });

    it("leaves nothing behind when a put of it is on a lease that is gone", async () => {
      const at = folder();
      const answer = await refusal(txn([], [putOp(`${at}a`), putOp(`${at}b`, "", { lease: 4_040_404 })]));

      expect(answer).toEqual({ code: 5, details: "etcdserver: requested lease not found" });
      expect((await list(at)).count).toBe("0");
    });
  });
}
