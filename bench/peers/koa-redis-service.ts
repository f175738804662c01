import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { peerPackage } from "../support/peer-package.ts";

/** What is used of ioredis. */
interface Redis {
  keys(pattern: string): Promise<string[]>;
  expire(key: string, seconds: number): Promise<number>;
  set(key: string, value: string, ex: "EX", seconds: number): Promise<unknown>;
}

const LIMIT = 3;
const EXPIRY_SECONDS = 3_600; // so long that none of those that were there at the start ends meanwhile

// The stream service's contract as one would write it first: look at the session's keys, then put one. Not exact, and a
// scan of all keys a request. Alone in a process; tells its parent its port.
const [url = ""] = process.argv.slice(2);
const { Redis: Client } = peerPackage("ioredis") as { Redis: new (url: string) => Redis };
const redis = new Client(url);
const app = new Koa();
app.use(async (context) => {
  context.set("cache-control", "no-store");
  if (context.path === "/") {
    context.body = "OK";
    return;
  }
  const session = context.get("x-stream-session");
  const refuse = (code: number, message: string) => {
    context.status = 401;
    context.body = { errors: [{ code, message }] };
  };
  if (session === "") return refuse(1, "No user session provided");
  const given = context.get("x-stream-token");
  const keys = await redis.keys(`${session}:*`);
  if (given !== "") {
    if (!keys.includes(`${session}:${given}`)) return refuse(3, "Token expired");
    await redis.expire(`${session}:${given}`, EXPIRY_SECONDS);
    context.body = { session, token: given };
    return;
  }
  if (keys.length >= LIMIT) return refuse(2, "Exceeded number of allowed sessions");
  const token = randomUUID();
  await redis.set(`${session}:${token}`, "1", "EX", EXPIRY_SECONDS);
  context.body = { session, token };
});
const server = app.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.once("disconnect", () => process.exit());
