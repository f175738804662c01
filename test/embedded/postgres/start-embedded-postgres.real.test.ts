import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, it as base, beforeAll, describe, expect } from "vitest";
import { keepPostgres } from "../../../src/embedded/postgres/keep-postgres.ts";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "../../../src/embedded/postgres/start-embedded-postgres.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { identifyProcess } from "../../../src/runtime/process-identity.ts";
import { freePort } from "../../support/free-port.ts";
import { silentLog } from "../../support/silent-log.ts";
import { until } from "../../support/until.ts";

const isRoot = process.getuid?.() === 0;
/** Where a test has its PostgreSQL. */
interface Place {
  readonly folder: string;
  /** The same with data that an earlier start made. */
  readonly usedFolder: string;
  /** Starts one in the folder; it is stopped after the test. */
  start(options?: Partial<EmbeddedPostgresOptions>): Promise<EmbeddedPostgres>;
}

const it = base.extend<Place>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "rig-embedded-pg-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  usedFolder: async ({ folder }, use) => {
    await cp(used, join(folder, "pg"), { recursive: true });
    await use(folder);
  },
  start: async ({ folder }, use) => {
    const running: EmbeddedPostgres[] = [];
    const place = { folder: join(folder, "pg"), clock: systemClock, log: silentLog, durable: false };
    await use(async (options = {}) => {
      const server = await startEmbeddedPostgres({ ...place, ...options, port: options.port ?? (await freePort()) });
      running.push(server);
      return server;
    });
    await Promise.all(running.map((server) => server.stop()));
  },
});

let used: string;
beforeAll(async () => {
  used = await mkdtemp(join(tmpdir(), "rig-used-pg-"));
  const place = { folder: used, port: await freePort(), clock: systemClock, log: silentLog, durable: false };
  await (await startEmbeddedPostgres(place)).stop();
});
afterAll(() => rm(used, { recursive: true, force: true }));

async function query(server: Pick<EmbeddedPostgres, "port" | "passwordFile">, sql: string): Promise<unknown[]> {
  const password = await readFile(server.passwordFile, "utf8");
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user: "rig", database: "postgres", password });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const isAlive = (pid: number) => identifyProcess(pid) !== null; // not one that nobody has reaped yet

describe.concurrent("startEmbeddedPostgres", () => {
  it("shows the password to nobody: 0600, not in the URL, and a wrong one is refused", async ({ start }) => {
    const server = await start();

    expect(statSync(server.passwordFile).mode & 0o777).toBe(0o600);
    expect(server.url).toBe(`postgres://rig@127.0.0.1:${server.port}/rig`);
    const stranger = new pg.Client({ connectionString: server.url.replace("@", ":wrong@") });
    await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  });

  it("does an initdb again that was killed in the middle", async ({ folder, start }) => {
    const half = join(folder, "pg", "data.new");
    await mkdir(half, { recursive: true });
    await writeFile(join(half, "PG_VERSION"), "18\n");

    const server = await start();

    expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(existsSync(half)).toBe(false);
  });

  it("says PORT_IN_USE for a busy port, and starts on another afterwards", async ({ usedFolder: _, start }) => {
    const squatter: Server = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port } = squatter.address() as { port: number };

    await expect(start({ port })).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(String(port)),
    });
    await new Promise((closed) => squatter.close(closed));
    const server = await start();

    expect(await query(server, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("refuses data of another major version, naming both", async ({ usedFolder: folder, start }) => {
    await (await start()).stop();
    await writeFile(join(folder, "pg", "data", "PG_VERSION"), "15\n");

    await expect(start()).rejects.toMatchObject({
      code: "DATA_FOLDER",
      message: expect.stringMatching(/PostgreSQL 15.*18/),
    });
  });

  it("refuses a data folder without PG_VERSION and touches nothing in it", async ({ folder, start }) => {
    await mkdir(join(folder, "pg", "data", "base"), { recursive: true });

    await expect(start()).rejects.toMatchObject({ code: "DATA_FOLDER" });

    expect(existsSync(join(folder, "pg", "data", "base"))).toBe(true);
  });

  it("recovers after a kill -9 of the postmaster", async ({ usedFolder: _, start }) => {
    const first = await start({ durable: true });
    await query(first, "create table kept as select 42 as answer");

    process.kill(first.pid, "SIGKILL");
    await first.ended;
    const second = await start();

    expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
  });

  it("is not misled by a postmaster.pid whose process id another program has by now", async ({
    usedFolder: folder,
    start,
  }) => {
    const first = await start({ durable: true });
    await query(first, "create table kept as select 42 as answer");
    process.kill(first.pid, "SIGKILL");
    await first.ended;
    const other: ChildProcess = spawn("sleep", ["60"]);
    const pidFile = join(folder, "pg", "data", "postmaster.pid");
    await writeFile(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(other.pid)));

    const second = await start();

    expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
    expect(other.exitCode).toBeNull();
    other.kill("SIGKILL");
  });

  it("is not held up by a dead postmaster that nobody has reaped yet", async ({ usedFolder: folder, start }) => {
    const first = await start({ durable: true });
    await query(first, "create table kept as select 42 as answer");
    process.kill(first.pid, "SIGKILL");
    await first.ended;
    const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"]); // the second sleep never asks for the first one's end
    const [dead] = await once(parent.stdout, "data");
    await until(() => /^State:\s+Z/m.test(readFileSync(`/proc/${Number(dead)}/status`, "utf8")));
    const pidFile = join(folder, "pg", "data", "postmaster.pid");
    await writeFile(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(Number(dead))));

    const second = await start();

    expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
    parent.kill("SIGKILL");
  });

  it("refuses to take over from an owner that lives", async ({ usedFolder: folder, start }) => {
    const first = await start();
    const other = spawn("sleep", ["60"]);
    await writeFile(join(folder, "pg", "owner.json"), JSON.stringify(identifyProcess(other.pid ?? 0)));

    await expect(start()).rejects.toMatchObject({ code: "ALREADY_RUNNING" });

    expect(isAlive(first.pid)).toBe(true);
    other.kill("SIGKILL");
  });

  it("ends the postmaster that a killed owner left, and goes on with its data", async ({
    usedFolder: folder,
    start,
  }) => {
    const first = await start();
    await query(first, "create table kept as select 42 as answer");
    await writeFile(join(folder, "pg", "owner.json"), JSON.stringify({ pid: first.pid, start: "another" }));

    const second = await start();

    await expect(first.ended).resolves.toEqual({ code: 0, signal: null });
    expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
  });

  it("ends by itself when the process that started it is killed", async ({ usedFolder: folder, start }) => {
    const port = await freePort();
    const program = `
      const { createJiti } = await import("jiti");
      const load = (path) => createJiti(${JSON.stringify(import.meta.url)}).import(path);
      const { startEmbeddedPostgres } = await load("../../../src/embedded/postgres/start-embedded-postgres.ts");
      const { systemClock } = await load("../../../src/runtime/clock.ts");
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const server = await startEmbeddedPostgres({
        folder: ${JSON.stringify(join(folder, "pg"))}, port: ${port}, clock: systemClock, log, durable: false });
      process.stdout.write(String(server.pid));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(await new Promise((said) => parent.stdout?.once("data", said)));

    parent.kill("SIGKILL");

    await until(() => !isAlive(pid), { what: "the postmaster is gone" });
    const next = await start();
    expect(await query(next, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  if (isRoot)
    it("runs as an unprivileged user, in a folder which that user can reach, where user namespaces are closed", async ({
      start,
    }) => {
      const options = { namespaces: false, homesFolder: await mkdtemp(join(tmpdir(), "rig-homes-")) };
      await chmod(options.homesFolder, 0o755);

      const first = await start(options);
      await query(first, "create table kept as select 42 as answer");
      await first.stop();
      const second = await start(); // namespaces are open again: the data stays where it is

      expect(statSync(`/proc/${second.pid}`).uid).toBe(65534);
      expect(second.passwordFile.startsWith(options.homesFolder)).toBe(true);
      expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
      await second.stop();
      await rm(options.homesFolder, { recursive: true });
    });
});

describe("startEmbeddedPostgres, stopped in order", () => {
  it("keeps what was written over a stop and a start", async ({ start }) => {
    const first = await start({ durable: true });
    await query(first, "create table kept as select 42 as answer");

    await first.stop();
    const second = await start();

    expect(await query(second, "select answer from kept")).toEqual([{ answer: 42 }]);
    expect(isAlive(first.pid)).toBe(false);
    await expect(first.ended).resolves.toEqual({ code: 0, signal: null });
  });
});

describe("keepPostgres", () => {
  it("starts it again after a kill, on the same port with all that was committed, and stops it when told to", async ({
    folder,
  }) => {
    const options = { folder: join(folder, "pg"), port: 0, clock: systemClock, log: silentLog };
    const kept = await keepPostgres(options);
    const pid = () => Number.parseInt(readFileSync(join(folder, "pg", "data", "postmaster.pid"), "utf8"), 10);
    const first = pid();
    await query(kept, "create table kept as select 42 as answer");

    process.kill(first, "SIGKILL");

    const rows = await until(() => query(kept, "select answer from kept").catch(() => null), {
      what: "it answers again",
    });
    expect(rows).toEqual([{ answer: 42 }]);
    const second = pid();
    expect(second).not.toBe(first);
    await kept.stop();
    expect(isAlive(second)).toBe(false);
  });
});
