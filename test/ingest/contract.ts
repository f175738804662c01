import { describe } from "vitest";
import type { IngestDifferences, StartedIngest } from "./contract/differences.ts";
import { ffmpegCases } from "./contract/ffmpeg-cases.ts";
import { benchedIt } from "./contract/ingest-bench.ts";
import { playerCases } from "./contract/player-cases.ts";
import { publishCases } from "./contract/publish-cases.ts";

export type { IngestDifferences, StartedIngest } from "./contract/differences.ts";

/** What every media server behind the ingest port does, with the differences that are allowed. */
export function ingestContract(
  name: string,
  start: () => Promise<StartedIngest>,
  differences: IngestDifferences,
): void {
  describe(`the ingest contract: ${name}`, () => {
    const it = benchedIt(start);
    publishCases(it, differences);
    playerCases(it, differences);
    ffmpegCases(it, differences);
  });
}
