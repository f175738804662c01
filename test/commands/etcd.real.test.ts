import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawGrpc } from "../embedded/etcd/raw-client.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { RIG, rigCommands } from "../support/rig-commands.ts";
import { until } from "../support/until.ts";

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

    const code = await first.stop();
    client.close();
    const again = rawGrpc(await addressOf(start(folder)));
    const { kvs } = await again.call("KV.Range", { key: Buffer.from("k") });
    again.close();

    expect({ code, value: String(kvs[0].value) }).toEqual({ code: 0, value: "v" });
  });

  it("refuses a quota that is none, and names the flag", async () => {
    const role = startLoneRole(["etcd", "--data", folder, "--listen", "127.0.0.1:0", "--quota", "1G"]);
    roles.push(role);

    expect(await role.ended).toBe(2);
    expect(words(role)[0]).toContain('etcdQuotaMib must be a whole number from 1 to 1048576, got "1G" (from --quota)');
  });

  it("is backed up while it runs, and restored into another data folder", async () => {
    const running = rawGrpc(await addressOf(start(folder)));
    await running.call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("v") });
    const { json } = rigCommands({ PATH: process.env.PATH, HOME: folder }, folder);
    const [backup, other] = [join(folder, "backup"), join(folder, "other")];

    const copied = await json(["etcd", "backup", backup, "--data", folder]);
    await running.call("KV.Put", { key: Buffer.from("k"), value: Buffer.from("later") });
    await json(["etcd", "restore", backup, "--data", other]);
    running.close();
    const restored = rawGrpc(await addressOf(start(other)));
    const { kvs } = await restored.call("KV.Range", { key: Buffer.from("k") });
    restored.close();

    expect(copied).toEqual({ folder: backup, revision: 2, keys: 1 });
    expect(String(kvs[0].value)).toBe("v");
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

  it("stops, in two lines, when a write fails; what was acknowledged is there at the next start", async () => {
    const blocks = 64; // of 512 bytes: what a file of this process may grow to
    const child = spawn("sh", [
      ...["-c", `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, RIG],
      ...["etcd", "--data", folder, "--listen", "127.0.0.1:0"],
    ]);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (output += bytes));
    const ended = once(child, "close");
    const address = await until(() => /"url":"http:\/\/([^"]+)"/.exec(output)?.[1]);
    const client = rawGrpc(address);
    const put = (key: string) => client.call("KV.Put", { key: Buffer.from(key), value: Buffer.alloc(20_000, key) });

    await put("fits");
    await expect(put("does not")).rejects.toMatchObject({ code: 14 });

    expect((await ended)[0]).toBe(1);
    expect(output.trimEnd().split("\n").slice(-2)).toEqual([
      `rig: the embedded store in ${join(folder, "etcd")} has stopped: its log cannot be written`,
      expect.stringMatching(/^make room or repair the disk .*EFBIG/),
    ]);
    client.close();
    const again = rawGrpc(await addressOf(start(folder)));
    const { kvs } = await again.call("KV.Range", { key: Buffer.from("\0"), range_end: Buffer.from("\0") });
    expect(kvs.map(({ key }: { key: Buffer }) => String(key))).toEqual(["fits"]);
    again.close();
  });

  it("refuses an address that others reach without certificates", async () => {
    const role = start(folder, "0.0.0.0:0");

    expect(await role.ended).toBe(2);
    expect(words(role)[0]).toBe(
      "rig: --listen 0.0.0.0 is not loopback: there the store serves only with --cert, --key and --ca",
    );
  });
});
