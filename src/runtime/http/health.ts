import type { Clock } from "../../domain/clock.ts";
import { isRigError } from "../../domain/errors.ts";

const PROBE_MS = 2_000; // longer than this and a load balancer has given up anyway

/** Asks one neighbour whether it works. */
export interface Probe {
  /** As `/readyz` lists it: `postgresql`, `etcd`, `ingest`. */
  readonly name: string;
  /** Rejects where it does not work. */
  check(signal: AbortSignal): Promise<void>;
}

export interface ProbeResult {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** An error code, `timeout` or `failed`; never the neighbour's own words, which may hold a secret. Null where it works. */
  readonly reason: string | null;
}

/** What `/readyz` answers. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ProbeResult[];
}

/** Runs all probes side by side, each for 2 s at most. Never rejects. */
export async function checkReadiness(probes: readonly Probe[], clock: Clock): Promise<Readiness> {
  const checks = await Promise.all(probes.map((probe) => runProbe(probe, clock)));
  return { ready: checks.every(({ ok }) => ok), checks };
}

/** An answer of the health pages: its status and its JSON. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/** The paths that `healthAnswer` answers. */
export const HEALTH_PATHS: readonly string[] = ["/heartbeat", "/livez", "/readyz"];

/** Ports of the health pages. */
export interface HealthPorts {
  readonly clock: Clock;
  readonly probes: readonly Probe[];
}

/**
 * Answers `/heartbeat` (the instant, ms), `/livez` (the process turns) and `/readyz` (each neighbour; 503 where one
 * does not work); null for any other path. For servers with and without a framework.
 */
export async function healthAnswer(path: string, { clock, probes }: HealthPorts): Promise<HealthAnswer | null> {
  if (path === "/heartbeat") return { status: 200, body: { timestamp: clock.now() } };
  if (path === "/livez") return { status: 200, body: { live: true } };
  if (path !== "/readyz") return null;
  const readiness = await checkReadiness(probes, clock);
  return { status: readiness.ready ? 200 : 503, body: readiness };
}

async function runProbe(probe: Probe, clock: Clock): Promise<ProbeResult> {
  const over = new AbortController();
  const startedAt = clock.monotonic();
  const timeout = clock.sleep(PROBE_MS, over.signal).then(() => "timeout");
  const outcome = Promise.resolve()
    .then(() => probe.check(over.signal))
    .then(
      () => null,
      (error: unknown) => (isRigError(error) ? error.code : "failed"),
    );
  const reason = await Promise.race([outcome, timeout]);
  over.abort(); // ends the timer, and the probe where it still runs
  return { name: probe.name, ok: reason === null, durationMs: Math.round(clock.monotonic() - startedAt), reason };
}
