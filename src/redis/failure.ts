/** What a failed try tells. */
export interface Failure {
  /** Redis's own word for it (`OOM`, `LOADING`), or a system error's; nothing that was sent. */
  readonly reason: string;
  /** `passing`: the same may succeed soon. `lasting`: not without an operator. `wrong`: not with this value at the key. */
  readonly kind: "passing" | "lasting" | "wrong";
  /** True where it may have been done all the same. */
  readonly isDoubtful: boolean;
}

const PASSING = ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "NOREPLICAS", "MOVED", "ASK"];
const LASTING = ["OOM", "NOAUTH", "WRONGPASS", "NOPERM", "MISCONF", "DENIED"];
const NOT_SENT = /enableOfflineQueue/; // the connection is not there, in ioredis's words
const WORD = /^[A-Z]{2,}(?= |$)/;
const WORD_IN_SCRIPT = /user_script: ?\d+: -?([A-Z]{2,}) /; // before Redis 7
const KILLED = /script killed/i;
const WHERE_IN_SCRIPT = /user_script:[^'"]{0,120}/;

/** ioredis's errors carry the whole command, at a failed AUTH the password: only what this says of one may leave the room. */
export function failureOf(error: unknown): Failure {
  const { name = "", message = "", code } = error as Partial<NodeJS.ErrnoException>;
  if (name !== "ReplyError") {
    const isDoubtful = !NOT_SENT.test(message);
    return { reason: code ?? (isDoubtful ? "connection lost" : "not connected"), kind: "passing", isDoubtful };
  }
  if (KILLED.test(message)) return { reason: "script killed", kind: "passing", isDoubtful: false };
  const word = WORD_IN_SCRIPT.exec(message)?.[1] ?? WORD.exec(message)?.[0] ?? "ERR";
  if (PASSING.includes(word)) return { reason: word, kind: "passing", isDoubtful: false };
  if (LASTING.includes(word)) return { reason: word, kind: "lasting", isDoubtful: false };
  return { reason: WHERE_IN_SCRIPT.exec(message)?.[0] ?? word, kind: "wrong", isDoubtful: false };
}

const HINTS: readonly { readonly says: RegExp; readonly hint: string }[] = [
  { says: /^(NOAUTH|WRONGPASS)$/, hint: "Check REDIS_PASSWORD_FILE, or user and password in REDIS_URL_FILE." },
  { says: /^NOPERM$/, hint: "Let its user do what spec/v1/tokens.md lists." },
  { says: /^OOM$/, hint: "Give Redis more memory (maxmemory)." },
  { says: /^(MISCONF|NOREPLICAS)$/, hint: "Redis takes no writes: its own log says why." },
  { says: /SSL|TLS|CERT|SIGNATURE/, hint: "Check REDIS_CA, REDIS_CERT and REDIS_KEY, and the host in REDIS_URL." },
];

/** What to do about a failure for this reason of a Redis at these addresses. */
export const hintFor = (reason: string, addresses: string): string =>
  HINTS.find(({ says }) => says.test(reason))?.hint ??
  `Check that Redis runs at ${addresses}, and REDIS_URL_FILE, or REDIS_HOST and REDIS_PORT.`;

/** True where Redis does not know the script yet, or no more. */
export const isUnknownScript = (error: unknown): boolean => error instanceof Error && /^NOSCRIPT/.test(error.message);
