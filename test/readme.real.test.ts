import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SETTINGS } from "../src/config/settings.ts";
import { packageFile } from "../src/runtime/package-file.ts";
import { startPlatform, type TestPlatform } from "./support/platform.ts";
import type { NewStream } from "./support/rig-commands.ts";
import { until } from "./support/until.ts";

const README = readFileSync(packageFile("README.md"), "utf8");

/** The lines of all shell blocks, without comments. */
const lines = [...README.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

/** A shell line's words; quotes group, nothing else is special. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");

/** `A=… B=… rig server` taken apart. */
const withoutVariables = (line: string) => line.replace(/^([A-Z_]+=\S* )*/, "");
const rigLines = lines.filter((line) => /^(npx )?rig /.test(withoutVariables(line)));
const live = new Set(["demo", "top"]); // these have tests of their own; a terminal or half a minute is theirs

describe("the README", () => {
  let platform: TestPlatform;
  let stream: NewStream;

  beforeAll(async () => {
    platform = await startPlatform();
    await writeFile(join(platform.folder, "key.txt"), "a-destination-key");
  });
  afterAll(() => platform?.stop());

  it("names commands that work, in its own order", async () => {
    const ran: string[] = [];
    for (const line of rigLines.filter((line) => line.startsWith("npx "))) {
      const [, , ...words] = wordsOf(line);
      if (words.some((word) => live.has(word))) continue;
      const args = words.map((word) =>
        word
          .replace("STREAM_ID", stream?.id ?? "")
          .replace("HOST/APP", "127.0.0.1:1/app")
          .replace("key.txt", join(platform.folder, "key.txt")),
      );
      const { code, stdout, stderr } = await platform.run([...args, "--json"]);
      expect(`${line} → ${code} ${stderr}`).toBe(`${line} → 0 `);
      if (words[0] === "streams" && words[1] === "add") stream = JSON.parse(stdout);
      ran.push(words.slice(0, 2).join(" "));
    }

    expect(ran).toEqual(["users add", "streams add", "destinations add", "destinations add"]);
  });

  it("publishes with its ffmpeg line", async () => {
    const line = lines.find((line) => line.startsWith("ffmpeg ")) ?? "";
    const [command = "", ...words] = wordsOf(line);
    const args = words.map((word) =>
      word === "FILE"
        ? packageFile("assets/demo.flv")
        : word.replace("rtmp://127.0.0.1:1935/live", stream.publishUrl).replace("STREAM_KEY", stream.streamKey),
    );

    const encoder = spawn(command, ["-v", "error", ...args], { stdio: "ignore" });
    const code = await new Promise<number | null>((resolve) => encoder.once("close", resolve));

    expect(code).toBe(0);
    await until(async () => (await platform.log()).includes("publish accepted"), { what: "it is logged" });
  });

  it.concurrent.each(rigLines.filter((line) => !line.startsWith("npx ")))(
    "knows all that stands in `%s`",
    async (line) => {
      const [, ...words] = wordsOf(withoutVariables(line));
      const variables = [...line.matchAll(/([A-Z_]+)=/g)].map(([, name = ""]) => name.replace(/_FILE$/, ""));
      const known: string[] = Object.values(SETTINGS).map(({ env }) => env);
      const firstOption = words.findIndex((word) => word.startsWith("--"));
      const command = (firstOption < 0 ? words : words.slice(0, firstOption)).slice(0, 2);

      const { stdout } = await platform.run([...words, "--help"]);

      expect(variables.filter((name) => !known.includes(name))).toEqual([]);
      expect(stdout).toMatch(new RegExp(`^Usage: rig ${command.join(" ")}\\b`));
      expect(words.filter((word) => word.startsWith("--") && !stdout.includes(word))).toEqual([]);
    },
  );

  it("lists every command that rig has", async () => {
    const { stdout } = await platform.run(["--help"]);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[| <| {2,})/gm)].map(([, name]) => name);

    const missing = commands.filter(
      (name) => name !== "help" && !README.includes(`\`rig ${name}`) && !README.includes(`\`${name}\``),
    );

    expect(missing).toEqual([]);
    expect(commands).toContain("destinations");
  });
});
