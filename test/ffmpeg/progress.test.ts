import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ProgressReport, progressParser } from "../../src/ffmpeg/progress.ts";

const TEXT = [
  "frame=28\nfps=27.04\nbitrate= 984.1kbits/s\ntotal_size=139617\nout_time_us=1135000\nout_time_ms=1135000\n",
  "out_time=00:00:01.135000\ndup_frames=0\ndrop_frames=2\nspeed= 1.1x\nprogress=continue\n",
  "total_size=505031\nout_time_us=4223000\ndrop_frames=2\nspeed=1.02x\nprogress=end\n",
].join("");

const REPORTS: ProgressReport[] = [
  { totalBytes: 139_617, mediaSeconds: 1.135, speed: 1.1, dropFrames: 2, end: false },
  { totalBytes: 505_031, mediaSeconds: 4.223, speed: 1.02, dropFrames: 2, end: true },
];

function parse(...chunks: string[]): ProgressReport[] {
  const reports: ProgressReport[] = [];
  const feed = progressParser((report) => void reports.push(report));
  for (const chunk of chunks) feed(chunk);
  return reports;
}

describe("progressParser", () => {
  it("reads a report at each line that says progress", () => {
    expect(parse(TEXT)).toEqual(REPORTS);
  });

  it.each(["\r", "\r\n"])("takes lines that end in %j", (end) => {
    expect(parse(TEXT.replaceAll("\n", end))).toEqual(REPORTS);
  });

  it("does not mind where the text is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 10 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
        expect(parse(...at.slice(1).map((end, index) => TEXT.slice(at[index], end)))).toEqual(REPORTS);
      }),
    );
  });

  it("counts out_time_ms in microseconds, as ffmpeg does", () => {
    expect(parse("out_time_ms=2500000\nprogress=continue\n")[0]?.mediaSeconds).toBe(2.5);
  });

  it.each(["N/A", "", "-577014:32:22.77", "-5", "Infinity"])("takes %j for no figure", (value) => {
    const [report] = parse(`total_size=${value}\nout_time_us=${value}\nspeed=${value}\nprogress=continue\n`);

    expect(report).toMatchObject({ totalBytes: null, mediaSeconds: null, speed: null });
  });

  it("stays small and goes on after garbage", () => {
    const feed = ["x".repeat(1e6), "\n", "a=b\n".repeat(10_000), TEXT];

    expect(parse(...feed)).toEqual(REPORTS);
  });
});
