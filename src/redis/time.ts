import type { Connection } from "./connection.ts";

/** Ms since the epoch, by the clock of Redis. */
export async function timeOf(connection: Connection): Promise<number> {
  const [seconds, micros] = await connection.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
