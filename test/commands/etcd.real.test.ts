import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawGrpc } from "../embedded/etcd/raw-client.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";

let folder: string;
const roles: LoneRole[] = [];
const start = (data: string, listen = "127.0.0.1:0") => {
  const role = startLoneRole(["etcd", "--data", data, "--listen", listen]);
  roles.push(role);
  return role;
};
const addressOf = async (role: LoneRole) =>
  (await role.logged<{ url: string }>("etcd store serves")).url.replace("http://", "");
/** The lines for people, without the log. */
const words = (role: LoneRole) =>
  role
    .output()
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("{"));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-etcd-"));
});
afterEach(async () => {
  await Promise.all(roles.splice(0).map((role) => role.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe("rig etcd", () => {
  it("serves a data folder, stops in order under an open watch, and has everything again", async () => {
    const first = start(folder);
    const client = rawGrpc(await addressOf(first));
    await client.call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("v") });
    const watch = client.watch();
    watch.write({ create_request: { key: Buffer.from("k") } });
    await watch.message(0);
    const stoppedAt = performance.now();

    const code = await first.stop();
    const tookMs = performance.now() - stoppedAt;
    client.close();
    const again = rawGrpc(await addressOf(start(folder)));
    const { kvs } = await again.call("KV.Range", { key: Buffer.from("k") });
    again.close();

    expect({ code, value: String(kvs[0].value) }).toEqual({ code: 0, value: "v" });
    expect(tookMs).toBeLessThan(10_000);
  });

  it("names the process that has the folder already, in two lines", async () => {
    const first = start(folder);
    await addressOf(first);

    const second = start(folder);

    expect(await second.ended).toBe(5);
    expect(words(second)).toEqual([
      `rig: rig already runs on ${join(folder, "etcd")} (process ${first.child.pid})`,
      expect.stringContaining("--data"),
    ]);
  });

  it("names the process that has the port, in two lines", async () => {
    const first = start(folder);
    const address = await addressOf(first);
    const port = address.split(":")[1];

    const second = start(join(folder, "other"), address);

    expect(await second.ended).toBe(5);
    expect(words(second)).toEqual([
      `rig: --listen: port ${port} on 127.0.0.1 is taken by node (process ${first.child.pid})`,
      expect.stringContaining("--listen"),
    ]);
  });

  it("refuses an address that others reach without certificates", async () => {
    const role = start(folder, "0.0.0.0:0");

    expect(await role.ended).toBe(2);
    expect(words(role)[0]).toBe(
      "rig: --listen 0.0.0.0 is not loopback: there the store serves only with --cert, --key and --ca",
    );
  });
});
