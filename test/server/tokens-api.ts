import type { AuditEntry } from "../../src/domain/audit.ts";
import { RigError } from "../../src/domain/errors.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { User } from "../../src/domain/user.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { hashOfToken } from "../../src/server/operator-tokens.ts";
import { openStreamService } from "../../src/server/tokens-role.ts";
import { viewerUsers } from "../../src/services/viewer-users.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { type MemoryViewers, memoryViewers } from "../support/memory-viewers.ts";
import { silentLog } from "../support/silent-log.ts";
import { testViewers } from "./test-viewers.ts";

const OPERATOR = "operator-token-of-the-test";

/** How `/v1/tokens` answered. */
interface Said {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any;
}

type Headed = Readonly<Record<string, string>>;

/** The stream service's own port over a store in memory, asked by an operator unless other headers say otherwise. */
export interface TokensApi {
  readonly url: string;
  /** By which tokens expire. */
  readonly clock: FakeClock;
  readonly store: MemoryViewers;
  readonly audit: readonly AuditEntry[];
  /** The users that there are; a change is seen after 10 s of `clock`. */
  readonly users: User[];
  /** Lets the database fail from now on. */
  breakDatabase(): void;
  /** Lets the store fail from now on. */
  breakStore(): void;
  send(method: string, path: string, headers: Headed, body?: object): Promise<Said>;
  post(path: string, body: object, headers?: Headed): Promise<Said>;
  /** For the session `ada` unless the body says otherwise. */
  create(body: object, headers?: Headed): Promise<Said>;
  close(): Promise<void>;
}

export async function openTokensApi(): Promise<TokensApi> {
  const clock = fakeClock();
  const store = memoryViewers(clock);
  const audit: AuditEntry[] = [];
  const users: User[] = [];
  let failure: RigError | null = null;
  let databaseFailure: RigError | null = null;
  const read = async (idOrName: string) => {
    if (databaseFailure) throw databaseFailure;
    return users.find(({ id, username }) => id === idOrName || username === idOrName) ?? null;
  };
  const apply: MemoryViewers["apply"] = (...asked) => (failure ? Promise.reject(failure) : store.apply(...asked));
  const place = { host: "127.0.0.1", port: 0, tls: null, isTrusted: () => true };
  const listener = await openStreamService(
    testViewers({ apply }, async (entry) => void audit.push(entry), viewerUsers({ read, clock, log: silentLog })),
    place,
    {
      operatorTokens: [{ name: "operator", sha256: hashOfToken(new Secret(OPERATOR)) }],
      ...{ probes: [], clock: systemClock, log: silentLog, newRequestId: () => "REQ1" },
    },
  );
  const { url } = listener;

  const send: TokensApi["send"] = async (method, path, headers, body) => {
    const answer = await fetch(`${url}/v1/tokens${path}`, {
      ...{ method, headers: { authorization: `Bearer ${OPERATOR}`, "content-type": "application/json", ...headers } },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { status, headers: said } = answer;
    return { status, type: said.get("content-type"), headers: said, body: await answer.json() };
  };
  const post: TokensApi["post"] = (path, body, headers = {}) => send("POST", path, headers, body);
  return {
    ...{ url, clock, store, audit, users, send, post },
    breakStore() {
      failure = new RigError("ETCD_UNREACHABLE", "etcd: no answer");
    },
    breakDatabase() {
      databaseFailure = new RigError("DATABASE_UNREACHABLE", "PostgreSQL does not answer");
    },
    create: (body, headers) => post("", { session: "ada", ...body }, headers),
    close: () => listener.close(0),
  };
}
