import { nodeAddress, type RedisPlace } from "./redis-url.ts";

/** Where it is, without user and password: `host:port`, of a cluster's members each. */
export const redisAddresses = ({ nodes }: Pick<RedisPlace, "nodes">): string => nodes.map(nodeAddress).join(", ");
