/** Under which all keys stand, unless a test asks for its own place. */
const DEFAULT_PREFIX = "rig:v1:";

/** Every key that rig has in Redis (spec/v1/tokens.md); spelt nowhere else. */
export interface RedisKeys {
  /** One viewer session by its hash, which is the hash tag too: all of it is in one slot of a cluster. */
  viewerSession(sessionHash: string): string;
  /** A pattern of all of them, for SCAN. */
  readonly viewerSessions: string;
  /** What the servers of viewer tokens say of themselves. */
  readonly viewerServers: string;
  /** The hash in a key; null in a foreign one. */
  sessionHashOf(key: string): string | null;
}

/** The keys under a prefix, which has no character that a pattern takes for more than itself. */
export function redisKeys(prefix: string = DEFAULT_PREFIX): RedisKeys {
  const start = `${prefix}tokens:{`;
  return {
    viewerSession: (sessionHash) => `${start}${sessionHash}}`,
    viewerSessions: `${start}*}`,
    viewerServers: `${prefix}viewer-servers`,
    sessionHashOf: (key) => {
      const hash = key.slice(start.length, -1);
      return key === `${start}${hash}}` && /^[0-9a-f]{64}$/.test(hash) ? hash : null;
    },
  };
}
