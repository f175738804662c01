import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { createCa, issueCertificate } from "../../src/runtime/tls/authority.ts";
import type { Credential } from "../../src/runtime/tls/credential.ts";
import { FFMPEG, usePushes } from "../support/push-harness.ts";
import { until } from "../support/until.ts";

describe.skipIf(!FFMPEG).concurrent("pushing over rtmps", () => {
  const { push, sink, server, atEnd } = usePushes();
  let folder: string;
  let ca: Credential;
  let caFile: string;
  let otherCaFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "rig-push-tls-"));
    ca = await createCa({ clock, name: "the destination's CA" });
    const other = await createCa({ clock, name: "another CA" });
    [caFile, otherCaFile] = [join(folder, "ca.pem"), join(folder, "other.pem")];
    await writeFile(caFile, ca.certificate);
    await writeFile(otherCaFile, other.certificate);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A sink behind TLS; answers its port. */
  const tlsSink = async (hosts: readonly string[]) => {
    const to = await sink();
    const { certificate, privateKey } = await issueCertificate({ ca, kind: "server", name: "sink", hosts, clock });
    const wrapper = createServer({ cert: certificate, key: privateKey.open() }, (socket) => {
      const inner = connect(to.port, "127.0.0.1");
      for (const end of [socket, inner]) end.on("error", () => {});
      socket.pipe(inner).pipe(socket);
    });
    wrapper.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => wrapper.listen(0, "127.0.0.1", resolve));
    atEnd(() => void wrapper.close());
    return { to, port: (wrapper.address() as { port: number }).port };
  };

  it("pushes to a server whose certificate is for its name and from a CA that it trusts", async () => {
    const { to, port } = await tlsSink(["localhost"]);
    const relay = push(`rtmps://localhost:${port}/app`, { caFile, key: "k?a=b" });
    await until(() => relay.progress.length > 1);

    relay.stop();

    expect((await relay.end).reason).toBeNull();
    expect(to.publishes[0]).toMatchObject({ app: "app", name: "k?a=b" });
  });

  it("reads tls from a certificate of a CA that it does not trust", async () => {
    const { to, port } = await tlsSink(["localhost"]);

    expect((await push(`rtmps://localhost:${port}/app`, { caFile: otherCaFile }).end).reason).toBe("tls");
    expect((await push(`rtmps://localhost:${port}/app`).end).reason).toBe("tls"); // the machine's own CAs
    expect(to.publishes).toEqual([]);
  });

  it("reads tls from a certificate for another name", async () => {
    const { to, port } = await tlsSink(["other.example"]);

    expect((await push(`rtmps://localhost:${port}/app`, { caFile }).end).reason).toBe("tls");
    expect(to.publishes).toEqual([]);
  });

  it("reads tls from a server that speaks no TLS", async () => {
    const port = await server(
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );

    expect((await push(`rtmps://localhost:${port}/app`, { caFile }).end).reason).toBe("tls");
  });
});
