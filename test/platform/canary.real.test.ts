import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { healthySink } from "../../src/demo/sinks.ts";
import { etcdClient } from "../../src/etcd/client.ts";
import { absent, put } from "../../src/etcd/operation.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { type ApiAnswer, askApi } from "../support/ask-api.ts";
import {
  closingDestination,
  deadDestination,
  rejectingDestination,
  untrustedDestination,
} from "../support/bad-destinations.ts";
import { type Canaries, canaryWatch, type Leak } from "../support/canaries.ts";
import { startEncoder } from "../support/encoder.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { type Dump, dumpDatabase, dumpEtcd, dumpFiles, dumpPages } from "../support/platform-dumps.ts";
import { openFiles, type ProcessWatch, watchProcesses } from "../support/process-watch.ts";
import { pidOfRelay } from "../support/push-harness.ts";
import type { NewStream } from "../support/rig-commands.ts";
import { watchRelays } from "../support/seen-relays.ts";
import { until } from "../support/until.ts";

const secret = (name: string): string => `${name}?a=${randomBytes(12).toString("base64url")}&b c`;

const destinationKeys = {
  "the healthy destination's key": secret("healthy"),
  "the edited destination's first key": secret("first"),
  "the edited destination's second key": secret("second"),
  "the dead destination's key": secret("dead"),
  "the rejecting destination's key": secret("rejecting"),
  "the closing destination's key": secret("closing"),
  "the untrusted destination's key": secret("untrusted"),
};
const refusedKeys = {
  "a destination key with a line break": secret("line"),
  "a destination key of 2,000 bytes": secret("long"),
  "a destination key in a body that is cut": secret("cut"),
  "a destination key in a URL": secret("url").replaceAll(" ", "+"),
};
const strangers = {
  "a wrong stream key": `wrong-${randomBytes(12).toString("base64url")}`,
  "a wrong bearer token": `token-${randomBytes(12).toString("base64url")}`,
};

let platform: TestPlatform;
let processes: ProcessWatch;
let canaries: Canaries;
/** What commands and requests said that do not hand out a key. */
const said: [string, string][] = [];
/** The files that the healthy destination's relay held open once it sent. */
let heldByRelay: Record<string, string>;
const closers: (() => Promise<void>)[] = [];

const dataFile = (path: string) => readFileSync(join(platform.folder, ".rig", path), "utf8").trim();

async function say(args: string[], input?: string): Promise<void> {
  const { stdout, stderr } = await platform.run(args, input);
  said.push([`rig ${args.join(" ")}`, stdout + stderr]);
}

async function ask(...[method, path, body]: [method: string, path: string, body?: unknown]): Promise<ApiAnswer> {
  const answer = await askApi(platform, method, path, body);
  said.push([`${method} ${path}`, answer.text]);
  return answer;
}

/** Adds a destination by the CLI, its key from a file. */
async function addByFile(streamId: string, url: string, key: string): Promise<string> {
  const file = join(platform.folder, "key.txt");
  await writeFile(file, key);
  const added = await platform.json<{ id: string }>([
    "destinations",
    "add",
    streamId,
    "--url",
    url,
    "--key-file",
    file,
  ]);
  return added.id;
}

async function addDestinations({ id }: NewStream): Promise<{ editedId: string; deadId: string; healthyPort: string }> {
  const healthy = await healthySink(clock);
  const edited = await healthySink(clock);
  const bad = [await rejectingDestination(), await closingDestination(), await untrustedDestination()];
  closers.push(...[healthy, edited, ...bad].map(({ close }) => close));
  const keys = destinationKeys;
  await addByFile(id, healthy.url, keys["the healthy destination's key"]);
  const editedId = await addByFile(id, edited.url, keys["the edited destination's first key"]);
  const deadId = await addByFile(id, (await deadDestination()).url, keys["the dead destination's key"]);
  const names = [
    "the rejecting destination's key",
    "the closing destination's key",
    "the untrusted destination's key",
  ] as const;
  for (const [index, name] of names.entries())
    await ask("POST", `/v1/streams/${id}/destinations`, { url: bad[index]?.url, streamKey: keys[name] });
  return { editedId, deadId, healthyPort: new URL(healthy.url.replace("rtmp:", "http:")).port };
}

/** What is refused, by the command line and by HTTP. */
async function tryWhatIsRefused({ id, publishUrl }: NewStream, oldKey: string): Promise<void> {
  const path = `/v1/streams/${id}/destinations`;
  const url = "rtmp://127.0.0.1/app";
  const broken = `${refusedKeys["a destination key with a line break"]}\nrtmp_app=x`;
  for (const key of [broken, refusedKeys["a destination key of 2,000 bytes"].padEnd(2_000, "x")]) {
    await say(["destinations", "add", id, "--url", url, "--key-file", "-"], key);
    await ask("POST", path, { url, streamKey: key });
  }
  await ask("POST", path, { url: `${url}/${refusedKeys["a destination key in a URL"]}`, streamKey: "k" });
  await ask("POST", path, { url, streamKey: { key: refusedKeys["a destination key in a body that is cut"] } });
  said.push([
    "a body that is cut",
    await rawBody(path, `{"streamKey":"${refusedKeys["a destination key in a body that is cut"]}`),
  ]);
  said.push(["a wrong token", await rawBody(path, "{}", strangers["a wrong bearer token"])]);
  for (const streamKey of [oldKey, strangers["a wrong stream key"], `${oldKey}?name=${oldKey}&app=live`])
    said.push([
      "a refused publish",
      String(await startEncoder({ publishUrl, streamKey }).catch((error: unknown) => error)),
    ]);
}

async function rawBody(path: string, body: string, token?: string): Promise<string> {
  const answer = await askApi(platform, "POST", path, Buffer.from(body), token);
  return answer.text;
}

/** A whole run: keys handed out, rotated and refused; live with good and bad destinations; a relay killed; a drop. */
async function runWithFailures(): Promise<void> {
  const stream = await platform.addStream();
  const rotated = await platform.json<{ streamKey: string }>(["streams", "rotate-key", stream.id]);
  const { editedId, deadId, healthyPort } = await addDestinations(stream);
  canaries = {
    ...destinationKeys,
    ...refusedKeys,
    ...strangers,
    "the stream key": rotated.streamKey,
    "the stream key before it": stream.streamKey,
    "the operator's token": dataFile("operator-token"),
    "the seal key": dataFile("seal-keys").split(":")[1] ?? "",
    "the database's password": dataFile("postgres/password"),
  };
  await tryWhatIsRefused(stream, stream.streamKey);
  const encoder = await startEncoder({ ...stream, streamKey: rotated.streamKey });
  const relays = watchRelays(platform, stream.id);
  await say(
    ["destinations", "edit", editedId, "--key-file", "-"],
    destinationKeys["the edited destination's second key"],
  );
  await say(["destinations", "retry", deadId]);
  const healthyRelay = await until(() => pidOfRelay(Number(healthyPort)).catch(() => null), { what: "the relay runs" });
  heldByRelay = await until(() => {
    const held = openFiles(healthyRelay);
    return Object.values(held).every((text) => text === "") ? held : null;
  }).catch(() => openFiles(healthyRelay));
  process.kill(healthyRelay, "SIGKILL");
  said.push([
    "a second encoder",
    String(await startEncoder({ ...stream, streamKey: rotated.streamKey }).catch((error) => error)),
  ]);
  await until(() => relays.of(deadId).some(({ attempt }) => attempt > 2));
  for (const args of [
    ["streams", "list"],
    ["streams", "show", stream.id],
    ["destinations", "list", stream.id],
    ["users", "list"],
  ])
    await say([...args, "--json"]);
  await say(["quota", "show"]);
  await say(["config", "show", "--origin"]);
  await say(["status", "--json"]);
  for (const path of ["/v1/streams", `/v1/streams/${stream.id}`, `/v1/streams/${stream.id}/destinations`, "/v1/users"])
    await ask("GET", path);
  await say(["streams", "drop", stream.id]);
  await encoder.ended;
  await relays.stop();
}

beforeAll(async () => {
  processes = watchProcesses();
  platform = await startPlatform({ env: { LOG_LEVEL: "debug" } });
  await runWithFailures();
});
afterAll(async () => {
  await processes?.stop();
  await platform?.stop();
  for (const close of closers) await close();
});

const leaksIn = (dump: Dump): Leak[] => dump.flatMap(([where, what]) => canaryWatch(canaries)(where, what));
const seenOfProcesses = (): Dump => [...processes.seen].map(([where, texts]) => [where, [...texts].join("\n")]);

describe("no secret (I8)", () => {
  it("is in the argv or the environment of any process", () => {
    expect(processes.samples()).toBeGreaterThan(50);
    expect(leaksIn(seenOfProcesses())).toEqual([]);
  });

  it("is in a file that a relay holds open once it sends", () => {
    expect(Object.values(heldByRelay)).toEqual([""]);
  });

  it("is in the database", async () => {
    expect(leaksIn(await dumpDatabase(platform))).toEqual([]);
  });

  it("is in etcd", async () => {
    expect(leaksIn(await dumpEtcd(platform))).toEqual([]);
  });

  it("is in any file of the data folder, logs at debug too, but in those that are there to hold it", async () => {
    const dump = await dumpFiles(platform);

    expect(dump.map(([path]) => path)).toContain("logs/rig.log");
    expect(leaksIn(dump)).toEqual([]);
  });

  it("is on a page that anybody may ask for", async () => {
    expect(leaksIn(await dumpPages(platform))).toEqual([]);
  });

  it("is in what commands print, or in an answer or refusal", () => {
    expect(said.length).toBeGreaterThan(20);
    expect(leaksIn(said)).toEqual([]);
  });

  it("would go unseen: planted in each place, in each form, it is found", async () => {
    const planted = destinationKeys["the healthy destination's key"];
    const found = (dump: Dump) => new Set(leaksIn(dump).map(({ form }) => form));
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)", planted], {
      env: { PLANTED: planted },
    });
    const etcd = etcdClient({ endpoints: platform.status.etcd.endpoints });
    const key = "/planted";
    await etcd.commit({
      what: "plant",
      when: [absent(key)],
      apply: [put(key, Buffer.from(planted))],
      otherwise: [],
      answer: () => {},
      settle: async () => ({ was: "not applied" as const }),
    });
    await etcd.close();
    await platform.run(["users", "add", "planted", "--email", `${Buffer.from(planted).toString("hex")}@example.com`]);
    await appendFile(
      join(platform.folder, ".rig", "logs", "rig.log"),
      Buffer.from(`xx${planted}yy`).toString("base64"),
    );

    await until(() => ["plain", "hex"].every((form) => found(seenOfProcesses()).has(form)));
    child.kill("SIGKILL");

    expect(found(seenOfProcesses())).toEqual(new Set(["plain", "hex"]));
    expect(found(await dumpEtcd(platform))).toEqual(new Set(["plain"]));
    expect(found(await dumpDatabase(platform))).toEqual(new Set(["hex"]));
    expect(found(await dumpFiles(platform))).toContain("base64");
    expect(found([["a page", encodeURIComponent(planted)]])).toEqual(new Set(["URL-encoded"]));
  });
});
