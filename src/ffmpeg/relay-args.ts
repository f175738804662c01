/** What the relay's command line depends on; nothing in it is secret. */
export interface RelayArgs {
  /** rtmp:// address at the local ingest. */
  readonly pullUrl: string;
  /** rtmp[s]://host:port/ and no more: app, destination key and tcUrl go through the preset. */
  readonly pushUrl: string;
  /** How long the input may be silent before ffmpeg gives up by itself. */
  readonly inputTimeoutMs: number;
  /** False for builds before 4.4, which do not know the option. */
  readonly statsPeriod: boolean;
}

/** The descriptor under which the preset is handed over; see preset-file.ts. */
export const PRESET_FD = 3;

/**
 * ffmpeg's arguments for one relay (protocols.md, "The relay's ffmpeg").
 * Level `info` rather than `warning`: "Input #0" and "Output #0" say how far the relay has come. Neither names a secret.
 */
export const relayArgs = ({ pullUrl, pushUrl, inputTimeoutMs, statsPeriod }: RelayArgs): string[] => [
  ...["-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+info"],
  ...["-progress", "pipe:1", ...(statsPeriod ? ["-stats_period", "1"] : [])],
  ...["-protocol_whitelist", "rtmp,tcp", "-fpsprobesize", "0", "-rtmp_live", "live", "-tcp_nodelay", "1"],
  ...["-rw_timeout", String(inputTimeoutMs * 1000), "-f", "live_flv", "-i", pullUrl],
  ...["-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-flvflags", "no_duration_filesize"],
  ...["-protocol_whitelist", "rtmps,rtmp,tls,tcp", "-tcp_nodelay", "1"],
  ...["-fpre:v", `/dev/fd/${PRESET_FD}`, "-f", "flv", pushUrl],
];
