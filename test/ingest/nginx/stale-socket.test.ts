import { existsSync } from "node:fs";
import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Clock } from "../../../src/domain/clock.ts";
import { removeStaleSocket } from "../../../src/ingest/nginx/stale-socket.ts";
import { fakeClock } from "../../support/fake-clock.ts";

let folder: string;
let path: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rig-socket-"));
  [path, servers] = [join(folder, "control.sock"), []];
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

async function listenAt(place: string): Promise<Server> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((listening) => server.listen(place, listening));
  return server;
}

/** A socket whose server is gone, as a killed one leaves it: Node would take it away with itself. */
async function leaveDeadSocket(): Promise<void> {
  const own = join(folder, "own.sock");
  const server = await listenAt(own);
  await link(own, path);
  await new Promise((closed) => server.close(closed));
}

const never = new AbortController().signal;
const clearedMeanwhile = (meanwhile: () => Promise<unknown> = async () => {}) => {
  const clock: Clock = { ...fakeClock(), sleep: async () => void (await meanwhile()) };
  return removeStaleSocket(path, clock, never);
};

it("removes a socket that nobody listens on", async () => {
  await leaveDeadSocket();

  await clearedMeanwhile();

  expect(existsSync(path)).toBe(false);
});

it("leaves one alone that is listened on, and another file, and does nothing where there is none", async () => {
  await clearedMeanwhile();
  await listenAt(path);
  await clearedMeanwhile();
  expect(existsSync(path)).toBe(true);

  path = join(folder, "text");
  await writeFile(path, "not a socket");
  await clearedMeanwhile();
  expect(existsSync(path)).toBe(true);
});

it("leaves one alone that was made anew at the same moment", async () => {
  await leaveDeadSocket();

  await clearedMeanwhile(async () => {
    await rm(path);
    await listenAt(path);
  });

  expect(existsSync(path)).toBe(true);
});
