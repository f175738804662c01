import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { choosePort } from "../../src/runtime/free-port.ts";
import { freePort } from "../support/free-port.ts";

const host = "127.0.0.1";
const setting = "serverPort";
let holder: Server;
let busy: number;

beforeEach(async () => {
  holder = createServer().listen(0, host);
  await once(holder, "listening");
  busy = (holder.address() as AddressInfo).port;
});
afterEach(() => holder.close());

describe("a port that is busy", () => {
  it("moves to a free one where it was only the default", async () => {
    const port = await choosePort({ port: busy, host, explicit: false, setting });

    expect(port).toBeGreaterThan(0);
    expect(port).not.toBe(busy);
  });

  it("stops the start where it was set, and names the holder", async () => {
    const refused = choosePort({ port: busy, host, explicit: true, setting });

    await expect(refused).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringMatching(
        new RegExp(`^serverPort: port ${busy} on 127.0.0.1 is taken by .+ \\(process ${process.pid}\\)$`),
      ),
    });
  });
});

it("keeps a free port, whether set or not", async () => {
  const port = await freePort();

  expect(await choosePort({ port, host, explicit: true, setting })).toBe(port);
});

it("takes any free one for 0, also when set", async () => {
  expect(await choosePort({ port: 0, host, explicit: true, setting })).toBeGreaterThan(0);
});

it("refuses an address that is not this machine's", async () => {
  await expect(choosePort({ port: 0, host: "192.0.2.1", explicit: false, setting })).rejects.toMatchObject({
    code: "INVALID_SETTING",
  });
});
