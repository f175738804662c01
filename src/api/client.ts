import { Agent, request } from "undici";
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { RigError } from "../domain/errors.ts";
import type { Secret } from "../domain/secret.ts";
import { encodeInput } from "./check-input.ts";
import { errorFromEnvelope } from "./envelope.ts";
import type { Route } from "./route.ts";
import { ROUTES, type RouteInput, type RouteName, type RouteOutput } from "./routes.ts";
import { isBrokenConnection, unreachable } from "./transport-errors.ts";

const CONNECT_MS = 2_000;
const ANSWER_MS = 5_000; // a whole call; a publish waits for one, and encoders give up soon after
const KEEP_ALIVE_MS = 60_000; // the server's own, shorter limit wins: undici heeds its Keep-Alive header
const ANSWER_LIMIT_BYTES = 32 * 1024 * 1024;
const CONNECTIONS = 8;

/** How a client is known to the server: an agent by its certificate, an operator by a bearer token. */
export interface ApiClientOptions {
  /** `https://host:port` */
  readonly baseUrl: string;
  /** PEM of the CA that the server's certificate must come from; the system's where it is not given. */
  readonly ca?: string;
  readonly credential?: { readonly certificate: string; readonly privateKey: Secret };
  readonly bearer?: Secret;
  readonly clock: Clock;
  /** Ms for a whole call, default 5,000. */
  readonly deadlineMs?: number;
}

/** Parts of a call that are left out are empty. */
export type ApiCall<N extends RouteName> = Partial<RouteInput<N>> & { readonly signal?: AbortSignal };

/** Calls the routes of the contract; connections are kept. */
export interface ApiClient {
  /**
   * One call. Tried once more where a kept connection broke and the route is safe to repeat.
   * @throws RigError as the server gave it; SERVER_UNREACHABLE where none came in time, or the caller's signal aborted
   */
  call<N extends RouteName>(name: N, call?: ApiCall<N>): Promise<RouteOutput<N>>;
  /** Ends all connections, calls in flight too. */
  close(): Promise<void>;
}

/** Makes the one typed client of the contract. It connects at its first call. */
export function apiClient(options: ApiClientOptions): ApiClient {
  const { ca, credential, clock, deadlineMs = ANSWER_MS } = options;
  const dispatcher = new Agent({
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: ANSWER_LIMIT_BYTES,
    headersTimeout: 0, // the deadline of the whole call covers it
    bodyTimeout: 0,
    connect: {
      timeout: CONNECT_MS,
      ...(ca === undefined ? {} : { ca }),
      ...(credential ? { cert: credential.certificate, key: credential.privateKey.open() } : {}),
    },
  });
  return {
    async call(name, call = {}) {
      const order = orderOf(options, name, call as ApiCall<RouteName>);
      const over = new AbortController();
      const timeout = clock
        .sleep(deadlineMs, over.signal)
        .then(() => over.abort(new Error(`no answer within ${deadlineMs} ms`)));
      const abandon = () => over.abort(call.signal?.reason);
      call.signal?.addEventListener("abort", abandon, { once: true }); // AbortSignal.any would leak on a long-lived one (Node 20)
      if (call.signal?.aborted) abandon();
      const { signal } = over;
      try {
        const answer = await exchange(dispatcher, order, signal).catch((error: unknown) => {
          if (!ROUTES[name].repeatable || signal.aborted || !isBrokenConnection(error)) throw error;
          return exchange(dispatcher, order, signal);
        });
        return payloadOf(name, answer) as RouteOutput<typeof name>;
      } catch (error) {
        throw unreachable(error, options.baseUrl);
      } finally {
        call.signal?.removeEventListener("abort", abandon);
        over.abort();
        await timeout;
      }
    },
    close: () => dispatcher.destroy(),
  };
}

/** A request, ready to be sent once or twice. */
interface Order {
  readonly url: URL;
  readonly method: Route["method"];
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

interface Answer {
  readonly httpStatus: number;
  readonly json: unknown;
}

/** @throws RigError MISSING_INPUT, INVALID_INPUT for what the server would refuse anyway */
function orderOf({ baseUrl, bearer }: ApiClientOptions, name: RouteName, call: ApiCall<RouteName>): Order {
  const { method, body: schema, headers: named } = ROUTES[name];
  const body = schema === null ? null : JSON.stringify(encodeInput(schema, call.body, "body"));
  const headers = {
    ...(encodeInput(named, call.headers ?? {}, "headers") as Record<string, string>),
    accept: "application/json",
    ...(body === null ? {} : { "content-type": "application/json" }),
    ...(bearer ? { authorization: `Bearer ${bearer.open()}` } : {}),
  };
  return { url: urlOf(name, call, baseUrl), method, headers, body };
}

async function exchange(dispatcher: Agent, { url, ...order }: Order, signal: AbortSignal): Promise<Answer> {
  const { statusCode, body } = await request(url, { ...order, dispatcher, signal });
  return { httpStatus: statusCode, json: parse(await body.text()) };
}

/** @throws RigError as the server gave it, or CANNOT_FETCH for an answer that is not the contract's */
function payloadOf(name: RouteName, { httpStatus, json }: Answer): unknown {
  if (httpStatus >= 300) throw errorFromEnvelope(httpStatus, json);
  const { method, path, output } = ROUTES[name];
  const decoded = z.safeDecode(output as z.ZodType, (json as { payload?: unknown } | null)?.payload);
  if (decoded.success) return decoded.data;
  throw new RigError("CANNOT_FETCH", `the server's answer to ${method} ${path} is not understood`, {
    cause: decoded.error,
  });
}

function urlOf(name: RouteName, call: ApiCall<RouteName>, baseUrl: string): URL {
  const route = ROUTES[name];
  const params = encodeInput(route.params, call.params ?? {}, "path") as Record<string, string>;
  const query = encodeInput(route.query, call.query ?? {}, "query") as Record<string, string>;
  const url = new URL(
    route.path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(params[part] ?? "")),
    baseUrl,
  );
  for (const [field, value] of Object.entries(query)) url.searchParams.set(field, value);
  return url;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not JSON: the caller finds that it is no envelope
  }
}
