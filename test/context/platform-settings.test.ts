import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { choosePorts } from "../../src/context/platform-settings.ts";

let holder: Server;
let busy: number;

beforeEach(async () => {
  holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  busy = (holder.address() as AddressInfo).port;
});
afterEach(() => holder.close());

const loadedWith = async (env: NodeJS.ProcessEnv) => loadSettings({ env: { RIG_DATA: "/nowhere", ...env } });

it("leaves it to whoever listens to take a free port for a default that is busy", async () => {
  const others = { STREAM_SERVICE_PORT: "0", WORKER_PORT: "0", AGENT_PORT: "0", INGEST_PORT: "0" };
  const { settings, origins } = await loadedWith(others);

  const chosen = await choosePorts({ settings: { ...settings, serverPort: busy }, origins });

  expect(chosen.settings.serverPort).toBe(0);
  expect(chosen.movedPorts).toContainEqual({
    ...{ setting: "serverPort", port: busy },
    takenBy: expect.stringMatching(new RegExp(`^.+ \\(process ${process.pid}\\)$`)),
  });
});

it("stops the start for a port that was set and is busy", async () => {
  await expect(choosePorts(await loadedWith({ AGENT_PORT: String(busy) }))).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(`agentPort: port ${busy}`),
  });
});
