import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { connectRtmp } from "../../src/rtmp/connect.ts";
import type { MediaMessage } from "../../src/rtmp/message.ts";
import { RtmpServerConnection } from "../../src/rtmp/server-connection.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { createCa, issueCertificate } from "../../src/runtime/tls/authority.ts";
import { freePort } from "../support/free-port.ts";
import { until } from "../support/until.ts";

const host = "127.0.0.1";

describe("connecting", () => {
  it("speaks RTMPS to a server whose certificate it trusts, and to no other", async () => {
    const ca = await createCa({ clock, name: "test" });
    const { certificate, privateKey } = await issueCertificate({ ca, kind: "server", name: "s", hosts: [host], clock });
    const taken: MediaMessage[] = [];
    const sink = { message: (message: MediaMessage) => taken.push(message), ended: () => {} };
    const handlers = { publish: async () => ({ sink }), play: () => ({ refusal: "no" }) };
    const server = createTlsServer({ cert: certificate, key: privateKey.open() }, (socket: TLSSocket) => {
      new RtmpServerConnection(socket, handlers, { clock });
    });
    await once(server.listen(0, host), "listening");
    const { port } = server.address() as AddressInfo;
    const frame: MediaMessage = { type: 8, timestamp: 1, payload: Buffer.from([0xaf, 1, 2]) };

    const client = await connectRtmp({ host, port, app: "live", clock, tls: { ca: ca.certificate } });
    const publisher = await client.publish("name");
    await publisher.send(frame);
    await publisher.end();
    const stranger = connectRtmp({ host, port, app: "live", clock, tls: {} });

    await expect(stranger).rejects.toMatchObject({ code: "SOCKET" });
    await until(() => taken.length === 1);
    expect(taken).toEqual([frame]);
    server.close();
  });

  it("says why where nobody listens, and stops dialling when its signal aborts", async () => {
    const port = await freePort();
    const signal = AbortSignal.abort();

    const refused = await connectRtmp({ host, port, app: "live", clock }).catch((error: unknown) => error);
    const unreachable = { host: "192.0.2.1", port, app: "live", clock, signal };
    const aborted = await connectRtmp(unreachable).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "SOCKET", cause: { code: "ECONNREFUSED" } });
    expect(aborted).toMatchObject({ code: "SOCKET", message: "aborted" });
  });
});
