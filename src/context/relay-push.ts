import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { ffmpegPush } from "../ffmpeg/push-once.ts";
import { selfTest } from "../ffmpeg/self-test.ts";
import { systemClock } from "../runtime/clock.ts";
import { findFfmpeg, findProgram } from "../runtime/find-ffmpeg.ts";
import { packageFile } from "../runtime/package-file.ts";
import type { CountedIngest } from "../services/ingest-source.ts";
import type { PushOnce } from "../services/relay-push.ts";

/** What relays push with: the ffmpeg that the settings name, proven by one relay over loopback. @throws RigError PROGRAM_MISSING */
export async function relayPush(settings: Settings, { ingest, source }: CountedIngest, log: Log): Promise<PushOnce> {
  const { path, limited } = findFfmpeg(settings.ffmpegPath);
  const presetFolder = tmpdir();
  const clip = await readFile(packageFile("assets/demo.flv"));
  const { faults, ...abilities } = await selfTest({ ffmpegPath: path, clip, presetFolder, clock: systemClock });
  for (const fault of faults) log.error({ ffmpeg: path, fault }, "this ffmpeg failed the relay's self-test");
  const setprivPath = findProgram("setpriv");
  if (limited) log.warn({ ffmpeg: path }, "this ffmpeg serves loopback destinations alone: install a current one");
  if (setprivPath === null) log.warn({}, "no setpriv: relays outlive an agent that is killed");
  return ffmpegPush({
    ffmpeg: { path, ...abilities },
    setprivPath,
    clock: systemClock,
    source,
    endInput: (publishId, relayId) => ingest.endPlayer(publishId, relayId),
    allowPrivate: settings.allowPrivateDestinations,
    caFile: null,
    presetFolder,
  });
}
