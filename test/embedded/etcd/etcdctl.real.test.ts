import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openTlsFolder } from "../../../src/runtime/tls/tls-folder.ts";
import { etcdBinary, type RealEtcd, startEtcd } from "../../support/etcd.ts";
import { type LoneRole, startLoneRole } from "../../support/lone-role.ts";
import { until } from "../../support/until.ts";
import { type CtlEnd, type Etcdctl, etcdctl, etcdctlBinary } from "./etcdctl/etcdctl.ts";
import { SCRIPTS, type Step } from "./etcdctl/scripts.ts";

const BINARY = etcdctlBinary();

let folder: string;
let role: LoneRole;
let etcd: RealEtcd | null = null;
let ours: Etcdctl;
let theirs: Etcdctl | null = null;

beforeAll(async () => {
  if (BINARY === null) return;
  folder = await mkdtemp(join(tmpdir(), "rig-etcdctl-"));
  const tls = await openTlsFolder(join(folder, "tls"), systemClock);
  const hosts = ["127.0.0.1"];
  await tls.credentialFor({ kind: "server", name: "etcd", hosts });
  await tls.credentialFor({ kind: "agent", name: "client", hosts });
  const file = (name: string) => join(folder, "tls", name);
  const own = ["--cert", file("server-etcd.pem"), "--key", file("server-etcd.key"), "--ca", file("ca.pem")];
  role = startLoneRole(["etcd", "--data", folder, "--listen", "127.0.0.1:0", ...own]);
  const { url } = await role.logged<{ url: string }>("etcd store serves");
  const shown = ["--cacert", file("ca.pem"), "--cert", file("agent-client.pem"), "--key", file("agent-client.key")];
  ours = etcdctl(BINARY, [`--endpoints=${url}`, ...shown]);
  etcd = await startEtcd();
  if (etcd) theirs = etcdctl(BINARY, [`--endpoints=${etcd.endpoint}`]);
});
afterAll(async () => {
  await Promise.all([role?.stop(), etcd?.stop()]);
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Runs the steps in order; `$1` stands for the first lease id that was printed. */
async function play(ctl: Etcdctl, steps: readonly Step[]): Promise<CtlEnd[]> {
  const ends: CtlEnd[] = [];
  let lease = "";
  for (const [args, input] of steps) {
    const end = await ctl.run(args.replace("$1", lease).split(" "), input);
    lease ||= /lease ([0-9a-f]{16}) granted/.exec(end.stdout)?.[1] ?? "";
    ends.push(end);
  }
  return ends;
}

/** Without what names the member, the address, the lease or the moment. */
const normal = ({ code, stdout, stderr }: CtlEnd) => ({
  code,
  stdout: faceless(stdout),
  stderr: faceless(stderr.split("\n").at(-2) ?? ""),
});
const faceless = (text: string): string =>
  text
    .replace(/"(ClusterID|MemberID|RaftTerm|Lease)" : \d+/g, '"$1" : N')
    .replace(/"(cluster_id|member_id|raft_term)":\d+/g, '"$1":N')
    .replace(/\b[0-9a-f]{15,16}\b/g, "ID")
    .replace(/(https?:\/\/)?127\.0\.0\.1:\d+/g, "HOST")
    .replace(/took = \S+/g, "took = T")
    .replace(/remaining\(\d+s\)/g, "remaining(Ns)")
    .replace(/attached keys\(\[(.*)\]\)/, (_all, keys: string) => keys.split(" ").sort().join(" ")); // etcd's are in no order

describe.skipIf(BINARY === null)("etcdctl against `rig etcd` over TLS", () => {
  it.skipIf(etcdBinary() === null).each(Object.entries(SCRIPTS))(
    "%s: says what it says against a real etcd",
    async (_name, steps) => {
      const [said, expected] = await Promise.all([play(ours, steps), theirs && play(theirs, steps)]);

      const lines = (ends: CtlEnd[] | null) => ends?.map((end, index) => ({ call: steps[index]?.[0], ...normal(end) }));
      expect(lines(said)).toEqual(lines(expected));
    },
  );

  it("watches from a revision, by prefix, with what was there before, as a real etcd does", async () => {
    const watched = await Promise.all(
      [ours, theirs].map(async (ctl) => {
        if (!ctl) return null;
        const { stdout } = await ctl.run(["put", "w/a", "1", "-w", "json"]);
        const revision = (JSON.parse(stdout) as { header: { revision: number } }).header.revision;
        const watch = ctl.start(["watch", "w/", "--prefix", "--prev-kv", `--rev=${revision}`]);
        await play(ctl, [["put w/a 2"], ["put other 3"], ["put w/b 4"], ["del w/ --prefix"], ["put w/z the-last"]]);
        await watch.printed("the-last");
        return (await watch.end()).stdout;
      }),
    );

    const events = [
      "PUT w/a 1",
      "PUT w/a 1 w/a 2",
      "PUT w/b 4",
      "DELETE w/a 2 w/a ",
      "DELETE w/b 4 w/b ",
      "PUT w/z the-last",
    ];
    expect(watched[0]).toBe(events.map((event) => `${event.replaceAll(" ", "\n")}\n`).join(""));
    expect(watched[1] ?? watched[0]).toBe(watched[0]);
  });

  it("locks: the second holder waits until the first lets go", async () => {
    const first = ours.start(["lock", "one-at-a-time"]);
    await first.printed("one-at-a-time/");
    const second = ours.start(["lock", "one-at-a-time"]);
    await until(
      async () =>
        (await ours.run(["get", "one-at-a-time/", "--prefix", "--keys-only"])).stdout.match(/\//g)?.length === 2,
    );
    const meanwhile = second.stdout();

    await first.end();
    await second.printed("one-at-a-time/");
    await second.end();

    expect(meanwhile).toBe("");
    expect((await ours.run(["get", "one-at-a-time/", "--prefix"])).stdout).toBe("");
  });

  it("elects: a listener hears of the leader and of the one that follows", async () => {
    const listener = ours.start(["elect", "-l", "duty"]);
    const first = ours.start(["elect", "duty", "ada"]);
    await first.printed("ada");
    await listener.printed("ada");
    const second = ours.start(["elect", "duty", "bob"]);

    await until(
      async () => (await ours.run(["get", "duty/", "--prefix", "--keys-only"])).stdout.match(/\//g)?.length === 2,
    );
    await first.end();
    await listener.printed("bob");

    await second.end();
    await listener.end();
  });

  it("is told how the store is backed up instead of by a snapshot of etcd's", async () => {
    const { code, stderr } = await ours.run(["snapshot", "save", join(folder, "snapshot.db")]);

    expect(code).not.toBe(0);
    expect(stderr).toContain("rig etcd backup FOLDER");
    expect((await ours.run(["endpoint", "hashkv"])).stderr).toContain("its hash would match no etcd's");
  });

  it("shows one member, its state and its address, and keeps a lease alive", async () => {
    const member = JSON.parse((await ours.run(["member", "list", "-w", "json"])).stdout);
    const [status] = JSON.parse((await ours.run(["endpoint", "status", "-w", "json"])).stdout);
    const granted = await ours.run(["lease", "grant", "4"]);
    const id = /lease (\w+) granted/.exec(granted.stdout)?.[1] ?? "";
    const keeper = ours.start(["lease", "keep-alive", id]);
    await until(() => (keeper.stdout().match(/keepalived/g)?.length ?? 0) > 3); // as long as the lease is

    expect(member.members).toHaveLength(1);
    expect(status.Status).toMatchObject({ leader: member.members[0].ID, raftTerm: 1 });
    expect((await ours.run(["lease", "timetolive", id])).stdout).toContain("remaining(");
    await keeper.end();
  });

  it.each(["auth enable", "user list", "role add r", "member add m --peer-urls=http://127.0.0.1:1", "move-leader 1"])(
    "says to `%s` that it has no such thing",
    async (args) => {
      const { code, stderr } = await ours.run(args.split(" "));

      expect(code).not.toBe(0);
      expect(stderr).toContain("the embedded store has one member and no Auth");
    },
  );
});
