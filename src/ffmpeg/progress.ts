/** One report of `-progress`. */
export interface ProgressReport {
  /** Bytes written to the output so far; null where ffmpeg says N/A. */
  readonly totalBytes: number | null;
  /** Media time written so far; null until there is some. */
  readonly mediaSeconds: number | null;
  /** Media seconds per second; null until ffmpeg knows. */
  readonly speed: number | null;
  readonly dropFrames: number;
  /** True for the last report. */
  readonly end: boolean;
}

const MAX_PENDING = 4096; // a report has some 300 characters; more without a line's end is garbage

const numberOr = <T>(text: string | undefined, otherwise: T): number | T => {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
};

function toReport(fields: ReadonlyMap<string, string>): ProgressReport {
  const micros = numberOr(fields.get("out_time_us") ?? fields.get("out_time_ms"), null); // both are microseconds
  return {
    totalBytes: numberOr(fields.get("total_size"), null),
    mediaSeconds: micros === null ? null : micros / 1e6,
    speed: numberOr(fields.get("speed")?.replace(/x$/, ""), null),
    dropFrames: numberOr(fields.get("drop_frames"), 0),
    end: fields.get("progress") === "end",
  };
}

/** Parses what `-progress` writes, however it is cut into chunks; lines end in `\r` or `\n`. Returns the feeding function. */
export function progressParser(onReport: (report: ProgressReport) => void): (chunk: string) => void {
  let pending = "";
  let fields = new Map<string, string>();
  const takeLine = (line: string) => {
    const at = line.indexOf("=");
    if (at < 1) return;
    const name = line.slice(0, at).trim();
    fields.set(name, line.slice(at + 1).trim());
    if (name !== "progress") return;
    onReport(toReport(fields));
    fields = new Map();
  };
  return (chunk) => {
    const lines = (pending + chunk).split(/[\r\n]/);
    pending = (lines.pop() ?? "").slice(0, MAX_PENDING);
    for (const line of lines) takeLine(line);
    if (fields.size > 100) fields = new Map();
  };
}
