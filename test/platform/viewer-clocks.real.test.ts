import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Etcd, etcdClient } from "../../src/etcd/client.ts";
import { inform } from "../../src/etcd/informer.ts";
import { decodeViewers } from "../../src/etcd/viewer-encoding.ts";
import { etcdBinary, type RealEtcd, startEtcd } from "../support/etcd.ts";
import { type LoneRole, startLoneRole } from "../support/lone-role.ts";
import { oldViewer } from "../support/old-viewer.ts";
import { until } from "../support/until.ts";

const LIMIT = 3;
const EXPIRY_SECONDS = 2; // less than the shift: to the shifted server all that others grant is over at once
const SHIFT_MS = 3_000;
const SESSIONS = ["ada", "bob"];
const SHIFTED_CLOCK = new URL("../support/shifted-clock.mjs", import.meta.url).href;

/** Which checks a server's `/readyz` passes and fails, and its status. */
async function readyOf(url = ""): Promise<string> {
  const answer = await fetch(`${url}/readyz`);
  const { checks } = (await answer.json()) as { checks: readonly { readonly name: string; readonly ok: boolean }[] };
  return [answer.status, ...checks.map(({ name, ok }) => `${name} ${ok}`)].join(", ");
}

/** Asks each server for new tokens of each session, again and again until aborted; with what status they were answered. */
async function askAll(urls: readonly string[], signal: AbortSignal): Promise<number[]> {
  const statuses: number[] = [];
  const ask = async (url: string) => {
    const viewer = oldViewer(url);
    for (let n = 0; !signal.aborted; n++) {
      statuses.push((await viewer.streams(SESSIONS[n % SESSIONS.length] as string)).status);
      await new Promise<void>((wake) => setTimeout(wake, 20));
    }
    viewer.close();
  };
  await Promise.all(urls.map(ask));
  return statuses;
}

describe.skipIf(etcdBinary() === null)(
  "a server of viewer tokens with a clock three seconds ahead of two others",
  () => {
    let etcd: RealEtcd;
    let client: Etcd;
    let folder: string;
    const roles: LoneRole[] = [];

    /** Where it serves. */
    const launch = async (settings: Record<string, string> = {}): Promise<string> => {
      const role = startLoneRole(["server", "--only", "tokens"], {
        ...{ ETCD_ENDPOINTS: etcd.endpoint, RIG_DATA: join(folder, "nowhere"), LOG_LEVEL: "info" },
        ...{ STREAM_SERVICE_PORT: "0", STREAM_EXPIRY: String(EXPIRY_SECONDS), ...settings },
      });
      roles.push(role);
      return (await role.logged<{ streamService: string }>("stream service serves")).streamService;
    };
    const shiftBy = async (ms: number) => {
      await writeFile(join(folder, "shift.new"), String(ms));
      await rename(join(folder, "shift.new"), join(folder, "shift"));
    };

    beforeAll(async () => {
      etcd = (await startEtcd())!;
      client = etcdClient({ endpoints: [etcd.endpoint] });
      folder = await mkdtemp(join(tmpdir(), "rig-clocks-"));
      await shiftBy(SHIFT_MS);
    });
    afterAll(async () => {
      await Promise.all(roles.map((role) => role.stop()));
      await client?.close();
      await etcd?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("is not ready and says why until it is set right, the others stay ready, and no session has more entries than the limit", async () => {
      const right = await Promise.all([launch(), launch()]); // the elder: until it has heard of both, an elder is believed
      const off = await launch({ NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`, RIG_TEST_CLOCK: join(folder, "shift") });
      const entries: number[] = [];
      const onPut = ({ key, value }: { key: string; value: Buffer }) => {
        entries.push(decodeViewers(key, value).tokens.length);
      };
      const stop = new AbortController();

      const see = async () => {
        await until(async () => /^503, etcd true, clock false$/.test(await readyOf(off)), { what: "it is not ready" });
        const said = await roles[2]!.logged<{ differenceMs: number }>("this server's clock is off");
        for (const url of right) await until(async () => /^200/.test(await readyOf(url)), { what: "the others are" });
        await shiftBy(0);
        await until(async () => /^200/.test(await readyOf(off)), { what: "it is ready again" });
        await roles[2]!.logged("this server's clock is right again");
        return said;
      };
      const [said, statuses] = await Promise.all([
        see().finally(() => stop.abort()),
        askAll([...right, off], stop.signal),
        inform(client, client.keys.viewerSessions, { onPut }, stop.signal),
      ]);

      expect(Math.abs(said.differenceMs - SHIFT_MS)).toBeLessThan(2_000);
      expect(roles.map((role) => role.output().includes("clock is off"))).toEqual([false, false, true]);
      expect(Math.max(...entries)).toBe(LIMIT);
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(LIMIT * SESSIONS.length);
    });
  },
);
