import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GrpcListener, serveGrpc } from "../../../src/embedded/etcd/grpc-server.ts";
import type { EmbeddedStore } from "../../../src/embedded/etcd/store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { ProtoWriter } from "../../../src/runtime/protobuf/proto-writer.ts";
import { createCa, issueCertificate } from "../../../src/runtime/tls/authority.ts";
import { type RawClient, rawGrpc } from "./raw-client.ts";
import { temporaryStore } from "./temporary-store.ts";
import { methodOf } from "./wire/protocol.ts";

const ANSWER_MS = 30_000;

let store: EmbeddedStore;
let listener: GrpcListener;
let client: RawClient;
beforeAll(async () => {
  store = await temporaryStore();
  listener = await serveGrpc(store, { host: "127.0.0.1", port: 0 });
  client = rawGrpc(`127.0.0.1:${listener.port}`);
});
afterAll(async () => {
  client.close();
  await listener.close();
  await store.close();
});

/** Puts and reads as a client does who has nothing to do with the others. */
async function servesOthers(): Promise<boolean> {
  const key = randomBytes(8);
  await client.call("KV.Put", { key, value: Buffer.from("v") });
  return (await client.call("KV.Range", { key })).count === "1";
}

/** A message in gRPC's frame. */
function framed(payload: Buffer, { compressed = 0, length = payload.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, payload]);
}

/** Sends one request over HTTP/2; answers its status by gRPC's code, HTTP's, or how the stream broke. */
async function post(path: string, body: Buffer, headers: Record<string, string> = {}): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.setTimeout(ANSWER_MS, () => stream.close());
  let status = "nothing";
  const read = (from: Record<string, unknown>) => {
    if (from["grpc-status"] !== undefined) status = `grpc ${from["grpc-status"]}`;
    else if (status === "nothing" && from[":status"] !== 200) status = `http ${from[":status"]}`;
  };
  stream
    .on("response", read)
    .on("trailers", read)
    .on("error", () => {});
  stream.resume().end(body);
  await once(stream, "close").catch(() => {});
  if (status === "nothing" && stream.rstCode !== 0) status = `reset ${stream.rstCode}`;
  session.destroy();
  return status;
}

const RANGE = "/etcdserverpb.KV/Range";
const TXN = "/etcdserverpb.KV/Txn";
const WATCH = "/etcdserverpb.Watch/Watch";
const KEEP_ALIVE = "/etcdserverpb.Lease/LeaseKeepAlive";

const WISH = Buffer.from("0a030a0161", "hex"); // to watch the key "a"

/** So many transactions, each the only step of the one around it. */
function nested(levels: number): Buffer {
  const writer = new ProtoWriter();
  writer.begin();
  for (let level = 0; level < levels; level++) {
    writer.message(4, 0);
    writer.message(2, 0);
  }
  return writer.end();
}

describe("a request that is no protobuf or no gRPC", () => {
  const noise = Buffer.from("ffffffffffffffffffffff", "hex");
  it.each([
    ["bytes that are no message", RANGE, framed(noise), {}, /^grpc (13|3)$/],
    ["a field that ends behind the message", RANGE, framed(Buffer.from("0aff", "hex")), {}, /^grpc (13|3)$/],
    ["a length beyond what comes", RANGE, framed(Buffer.from([0]), { length: 100 }), {}, /^grpc (13|3|12)$/],
    ["a length of 4 GiB", RANGE, framed(Buffer.from([0]), { length: 2 ** 32 - 1 }), {}, /^grpc 8$/],
    ["compression that was not announced", RANGE, framed(noise, { compressed: 1 }), {}, /^grpc (12|13)$/],
    ["compression that nobody knows", RANGE, framed(noise), { "grpc-encoding": "zebra" }, /^grpc 1[23]$/],
    ["no message at all", RANGE, Buffer.alloc(0), {}, /^grpc (13|12|3)$/],
    ["two messages where one belongs", RANGE, Buffer.concat([framed(noise), framed(noise)]), {}, /^grpc (13|12|3)$/],
    ["a method that is not there", "/etcdserverpb.KV/Steal", framed(Buffer.alloc(0)), {}, /^grpc 12$/],
    ["another content type", RANGE, Buffer.from("{}"), { "content-type": "application/json" }, /^http 415$/],
    ["a deadline that is no time", RANGE, framed(Buffer.alloc(0)), { "grpc-timeout": "soon" }, /^grpc \d+$/],
    ["noise on a watch", WATCH, framed(noise), {}, /^grpc 13$/],
    ["noise on a keep-alive", KEEP_ALIVE, framed(noise), {}, /^grpc 13$/],
    ["noise twice on a watch", WATCH, Buffer.concat([framed(noise), framed(noise)]), {}, /^grpc 13$/],
    ["noise behind a watch", WATCH, Buffer.concat([framed(WISH), framed(noise)]), {}, /^grpc 13$/],
    ["a number where a key belongs", RANGE, framed(Buffer.from("0805", "hex")), {}, /^grpc 13$/],
    ["a group that does not end", TXN, framed(Buffer.from("7b0801", "hex")), {}, /^grpc 13$/],
    ["more steps than any transaction has", TXN, framed(Buffer.from("1200".repeat(500_000), "hex")), {}, /^grpc 3$/],
    ["transactions in transactions without end", TXN, framed(nested(100_000)), {}, /^grpc 3$/],
    ["an invalid UTF-8 name", "/etcdserverpb.Auth/UserGet", framed(Buffer.from("0a02fffe", "hex")), {}, /^grpc \d+$/],
  ])("%s gets a clear refusal, and others are served", async (_what, path, body, headers, expected) => {
    expect(await post(path, body, headers)).toMatch(expected);
    expect(await servesOthers()).toBe(true);
  });

  it.each([
    ["KV.Range", RANGE, { key: Buffer.from("a"), range_end: Buffer.from("b"), limit: 3, sort_target: 2 }],
    ["KV.Put", "/etcdserverpb.KV/Put", { key: Buffer.from("a"), value: Buffer.from("value"), prev_kv: true }],
    ["KV.DeleteRange", "/etcdserverpb.KV/DeleteRange", { key: Buffer.from("a"), range_end: Buffer.from("b") }],
    ["KV.Txn", TXN, { success: [{ request_range: { key: Buffer.from("a") } }], compare: [{ key: Buffer.from("a") }] }],
    ["Watch.Watch", WATCH, { create_request: { key: Buffer.from("a"), filters: [1], start_revision: 1 } }],
    ["Lease.LeaseKeepAlive", KEEP_ALIVE, { ID: "9223372036854775807" }],
  ])("%s answers or refuses whatever a message is damaged to, and others are served", async (method, path, message) => {
    const whole = methodOf(method).requestSerialize(message);
    const damaged = Array.from({ length: 25 }, () => {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(randomInt(256), randomInt(bytes.length));
      return bytes.subarray(0, randomInt(2) ? bytes.length : randomInt(bytes.length));
    });

    // 2, UNKNOWN, is what an error gets that nobody caught
    for (const bytes of damaged)
      expect(await post(path, framed(bytes)), bytes.toString("hex")).toMatch(/^grpc (0|3|5|11|13)$/);
    expect(await servesOthers()).toBe(true);
  });

  it.each([
    ["noise", randomBytes(4_096)],
    ["HTTP/1.1", Buffer.from("GET /v3/kv HTTP/1.1\r\nHost: a\r\n\r\n")],
    ["a TLS greeting", Buffer.from("16030100fa010000f60303", "hex")],
    ["HTTP/2 with a frame that is too long", Buffer.concat([PREFACE(), Buffer.from("ffffff0000000000", "hex")])],
  ])("a connection that speaks %s is closed or left, and others are served", async (_what, bytes) => {
    const socket = connect(listener.port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(bytes);

    expect(await servesOthers()).toBe(true);
    socket.destroy();
  });
});

function PREFACE(): Buffer {
  return Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

describe("values that a request may not hold", () => {
  it("a value past the limit is refused in etcd's words; one past gRPC's limit by gRPC", async () => {
    const put = (bytes: number) => client.call("KV.Put", { key: Buffer.from("big"), value: Buffer.alloc(bytes) });

    await expect(put(1_600_000)).rejects.toMatchObject({ code: 3, details: "etcdserver: request is too large" });
    await expect(put(3_000_000)).rejects.toMatchObject({ code: 8 });
    await put(1_500_000);
    expect(await servesOthers()).toBe(true);
  });

  it("keys and values are bytes: what is no UTF-8 comes back as it went in", async () => {
    const key = Buffer.from("fffe00c328a0a1f8a1a1a1a1", "hex");
    const value = randomBytes(1_000);
    await client.call("KV.Put", { key, value });

    const { kvs } = await client.call("KV.Range", { key });

    expect([kvs[0].key.equals(key), kvs[0].value.equals(value)]).toEqual([true, true]);
  });
});

it("clients with a certificate of another CA, or that trust another, stay out, and others are served", async () => {
  const order = { kind: "agent", name: "one", hosts: ["127.0.0.1"], clock: systemClock } as const;
  const [own, foreign] = await Promise.all([1, 2].map((n) => createCa({ clock: systemClock, name: `ca ${n}` })));
  if (!own || !foreign) throw new Error("no CA");
  const server = await issueCertificate({ ...order, ca: own, kind: "server" });
  const tls = { cert: server.certificate, key: server.privateKey.open(), ca: own.certificate };
  const secure = await serveGrpc(store, { host: "127.0.0.1", port: 0, tls });
  const connectAs = async (trusted: typeof own, issuer: typeof own) => {
    const { certificate, privateKey } = await issueCertificate({ ...order, ca: issuer });
    const pair = [Buffer.from(privateKey.open()), Buffer.from(certificate)] as const;
    return rawGrpc(`127.0.0.1:${secure.port}`, credentials.createSsl(Buffer.from(trusted.certificate), ...pair));
  };
  const [known, stranger, mistrustful] = await Promise.all([
    connectAs(own, own),
    connectAs(own, foreign),
    connectAs(foreign, own),
  ]);

  await expect(stranger.call("Cluster.MemberList", {})).rejects.toMatchObject({ code: 14 });
  await expect(mistrustful.call("Cluster.MemberList", {})).rejects.toMatchObject({ code: 14 });
  const plain = rawGrpc(`127.0.0.1:${secure.port}`);
  await expect(plain.call("Cluster.MemberList", {})).rejects.toMatchObject({ code: 14 });

  expect((await known.call("Cluster.MemberList", {})).members).toHaveLength(1);
  expect(await servesOthers()).toBe(true);
  for (const each of [known, stranger, mistrustful, plain]) each.close();
  await secure.close();
});
