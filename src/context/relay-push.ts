import { tmpdir } from "node:os";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../domain/log.ts";
import { ffmpegPush } from "../ffmpeg/push-once.ts";
import { systemClock } from "../runtime/clock.ts";
import { findFfmpeg, findProgram } from "../runtime/find-ffmpeg.ts";
import type { CountedIngest } from "../services/ingest-source.ts";
import type { PushOnce } from "../services/relay-push.ts";

/** What relays push with: the ffmpeg that the settings name. @throws RigError PROGRAM_MISSING */
export function relayPush(settings: Settings, { ingest, source }: CountedIngest, log: Log): PushOnce {
  const { path, limited } = findFfmpeg(settings.ffmpegPath);
  const setprivPath = findProgram("setpriv");
  if (limited) log.warn({ ffmpeg: path }, "this ffmpeg serves loopback destinations alone: install a current one");
  if (setprivPath === null) log.warn({}, "no setpriv: relays outlive an agent that is killed");
  return ffmpegPush({
    ffmpeg: { path, statsPeriod: !limited },
    setprivPath,
    clock: systemClock,
    source,
    endInput: (publishId, relayId) => ingest.endPlayer(publishId, relayId),
    allowPrivate: settings.allowPrivateDestinations,
    caFile: null,
    presetFolder: tmpdir(),
  });
}
