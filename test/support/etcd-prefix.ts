import { randomUUID } from "node:crypto";

/** A key prefix of its own for one test: `/test/<random>/`. */
export const etcdPrefix = (): string => `/test/${randomUUID()}/`;
