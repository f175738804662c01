import { describe, expect, it } from "vitest";
import { run } from "../../../commands/streams/top.ts";

describe("rig streams top", () => {
  it.each(["x", "", "0", "0.05", "-1", "3601", "NaN"])(
    "refuses the interval %j before it opens anything",
    async (interval) => {
      await expect(run({ interval })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: `--interval must be 0.1-3600 seconds, got ${JSON.stringify(interval)}`,
      });
    },
  );

  it.each([{ json: true }, { output: "table" }, { output: "yaml" }])("refuses --watch with %j", async (format) => {
    await expect(run({ interval: "1", watch: true, ...format })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("--watch"),
    });
  });
});
