import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "../domain/clock.ts";
import { parseFlv } from "../rtmp/flv.ts";
import { listenRtmp, type RtmpListener } from "../rtmp/listener.ts";
import type { MediaMessage } from "../rtmp/message.ts";
import { endProcess } from "./end-process.ts";
import { openPreset, presetText } from "./preset-file.ts";
import { pushMeter } from "./push-meter.ts";
import { relayArgs } from "./relay-args.ts";
import { startRelayProcess } from "./relay-process.ts";

/** What this build of ffmpeg can do for relays. */
export interface FfmpegAbilities {
  /** It knows `-stats_period` (4.4 and later). */
  readonly statsPeriod: boolean;
  /** It can push to rtmps:// and check certificates. */
  readonly rtmps: boolean;
  /** Why no relay must be started with it; empty where all is well. */
  readonly faults: readonly string[];
}

interface SelfTestOptions {
  readonly ffmpegPath: string;
  /** An FLV with video, sent through a relay once. */
  readonly clip: Buffer;
  readonly presetFolder: string;
  readonly clock: Clock;
}

/** What one relay over loopback came to. */
interface Trial {
  readonly app: string | null;
  readonly name: string | null;
  readonly videoMessages: number;
  readonly lines: readonly string[];
  /** Its words and figures could be read. */
  readonly isLegible: boolean;
}

const TRIAL_MS = 10_000; // it takes some 0.3 s; a busy machine that starts gets its time
const APP = "rig/self-test";

const run = promisify(execFile);

/**
 * Proves the relay's command line with this build, app and destination key on descriptor 3 included: one relay from a source
 * of our own to a sink of our own, over loopback. Never rejects.
 */
export async function selfTest(options: SelfTestOptions): Promise<FfmpegAbilities> {
  const rtmps = await canTls(options.ffmpegPath);
  try {
    const first = await tryRelay(options, true);
    const statsPeriod = !first.lines.some((line) => /Unrecognized option 'stats_period'/.test(line));
    const trial = statsPeriod ? first : await tryRelay(options, false);
    return { statsPeriod, rtmps, faults: faultsOf(trial) };
  } catch (error) {
    return { statsPeriod: false, rtmps, faults: [`the self-test could not be run: ${(error as Error).message}`] };
  }
}

const keyOf = (id: string) => `${id}?a=b&c==#d e`; // what destination keys hold and command lines break

function faultsOf(trial: Trial & { readonly id: string }): string[] {
  const faults: string[] = [];
  const lastWords = trial.lines.filter((line) => /\[(?:error|fatal)\]/.test(line)).at(-1) ?? trial.lines.at(-1);
  if (trial.name === null) faults.push(`nothing was published: ${lastWords ?? "ffmpeg said nothing"}`);
  else if (trial.name !== keyOf(trial.id)) faults.push("a destination key did not arrive as it was");
  if (trial.app !== null && trial.app !== APP) faults.push("an app did not arrive as it was");
  if (trial.name !== null && trial.videoMessages === 0) faults.push("no video arrived");
  if (trial.videoMessages > 0 && !trial.isLegible) faults.push("its progress cannot be read");
  if (trial.lines.some((line) => line.includes("[redacted]"))) faults.push("it prints destination keys");
  return faults;
}

async function tryRelay(options: SelfTestOptions, statsPeriod: boolean): Promise<Trial & { readonly id: string }> {
  const { ffmpegPath, presetFolder, clock } = options;
  const id = randomUUID();
  const seen = { app: null as string | null, name: null as string | null, videoMessages: 0 };
  const server = await serveTrial(parseFlv(options.clip) ?? [], seen, clock);
  const base = `rtmp://127.0.0.1:${server.port}/`;
  const preset = await openPreset(
    presetText({
      app: APP,
      playpath: keyOf(id),
      tcUrl: base + APP,
      timeoutMs: 5000,
      sendBufferBytes: 65_536,
      caFile: null,
    }),
    presetFolder,
  );
  try {
    const order = { pullUrl: `${base}source/clip`, pushUrl: base, inputTimeoutMs: TRIAL_MS };
    const meter = pushMeter(clock, () => {});
    const command = [ffmpegPath, ...relayArgs({ ...order, statsPeriod })];
    const relay = startRelayProcess(command, { presetFd: preset.fd, secrets: [keyOf(id), id], meter });
    await clock.sleep(TRIAL_MS, relay.ended);
    if (!relay.ended.aborted) await endProcess(relay, null, clock);
    const isLegible = relay.log.phase() === "sending" && meter.sums().egressBytes > 0;
    return { id, ...seen, lines: relay.log.lines(), isLegible };
  } finally {
    await preset.close();
    await server.close();
  }
}

/** Plays the clip once to whoever pulls, and notes what is published. */
const serveTrial = (
  clip: readonly MediaMessage[],
  seen: { app: string | null; name: string | null; videoMessages: number },
  clock: Clock,
): Promise<RtmpListener> =>
  listenRtmp({
    host: "127.0.0.1",
    port: 0,
    clock,
    accept: () => ({
      handlers: {
        play: () => ({
          started(player) {
            for (const message of clip) player.send(message);
            player.end();
          },
          stopped: () => {},
        }),
        async publish({ app, name }) {
          Object.assign(seen, { app, name });
          const message = ({ type }: MediaMessage) => {
            if (type === 9) seen.videoMessages += 1;
          };
          return { sink: { message, ended: () => {} } };
        },
      },
    }),
  });

async function canTls(ffmpegPath: string): Promise<boolean> {
  const environment = { env: { LC_ALL: "C" }, timeout: TRIAL_MS };
  try {
    const { stdout: protocols } = await run(ffmpegPath, ["-hide_banner", "-protocols"], environment);
    const { stdout: tls } = await run(ffmpegPath, ["-hide_banner", "-h", "protocol=tls"], environment);
    return /^\s*rtmps$/m.test(protocols) && tls.includes("-tls_verify") && tls.includes("-ca_file");
  } catch {
    return false; // it cannot be run: the trial says why
  }
}
