import { Cluster, type Redis } from "ioredis";
import type { Secret } from "../domain/secret.ts";

/**
 * Lets each connection that is made from now on sign in with the password of its time, which is asked for whenever one is
 * lost: it is there before the next try 50 ms later, or for the one after that.
 */
export function renewPassword(connection: Redis | Cluster, first: Secret, current: () => Promise<Secret>): void {
  let password = first;
  const renew = async () => {
    password = await current();
  };
  const sign = ({ options }: Redis) => {
    Object.defineProperty(options, "password", { get: () => password.open(), enumerable: true });
  };
  connection.on("close", () => void renew());
  if (connection instanceof Cluster) {
    connection.on("-node", () => void renew()); // of a cluster's members some are lost while others are there
    connection.on("+node", sign); // before it connects
  } else sign(connection);
}
