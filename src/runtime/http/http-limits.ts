import type { ServerOptions } from "node:http";

/** Most connections that one listener holds; more are closed at once. */
export const MAX_CONNECTIONS = 4096;

/** Seconds a socket may be silent in the middle of an answer before it is closed. */
export const SILENT_SOCKET_MS = 30_000;

/** A TLS handshake that takes longer is closed. */
export const HANDSHAKE_MS = 5_000;

/** The times and sizes that every listener keeps to; a slow or oversized request ends with 408 or 431. */
export const HTTP_LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 500, // how late those two may be noticed; Node's own default is 30 s
  maxHeaderSize: 8 * 1024,
  keepAliveTimeout: 30_000, // well over the agents' 5 s between reports, so that their connections stay
} as const satisfies ServerOptions;
