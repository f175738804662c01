import { describe, expect, it } from "vitest";
import { run } from "../../commands/demo.ts";

describe("rig demo", () => {
  it.each(["0", "-1", "2.5", "x", "3601"])("refuses %j seconds before it opens anything", async (seconds) => {
    await expect(run({ seconds })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: `--seconds must be a whole number from 1 to 3600, got ${JSON.stringify(seconds)}`,
    });
  });
});
