import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { welcome } from "../../commands/welcome.ts";
import type { RigStatus } from "../../src/domain/rig-status.ts";

const status = (caFile: string): RigStatus => ({
  roles: {},
  server: { url: "https://127.0.0.1:8443" },
  worker: { url: "" },
  agent: { url: "https://127.0.0.1:8444" },
  streamService: { url: "http://127.0.0.1:3000" },
  ingest: { url: "rtmp://127.0.0.1:1935/live" },
  etcd: { endpoints: ["http://127.0.0.1:2379"] },
  database: { url: "postgres://rig@127.0.0.1:5432/rig", passwordFile: null },
  caFile,
});

it.each(["plain", "with space", "it's", "$HOME"])(
  "prints a curl line that a shell takes in a folder named %j",
  (name) => {
    const root = mkdtempSync(join(tmpdir(), "rig-welcome-"));
    try {
      const data = join(root, name);
      mkdirSync(join(data, "tls"), { recursive: true });
      writeFileSync(join(data, "operator-token"), "secret\n");

      const line = welcome(status(join(data, "tls/ca.pem")), data)
        .split("\nAPI:")[1]!
        .trim();

      const words = execFileSync("sh", ["-c", line.replace(/^curl/, "printf '%s\\n'")], { encoding: "utf8" }).split(
        "\n",
      );
      expect(words).toEqual([
        "--cacert",
        join(data, "tls/ca.pem"),
        "-H",
        "Authorization: Bearer secret",
        "https://127.0.0.1:8443/v1/users",
        "",
      ]);
    } finally {
      rmSync(root, { recursive: true });
    }
  },
);

it("says where viewer tokens live, and who held a default port", () => {
  const text = welcome(
    {
      ...status("/data/tls/ca.pem"),
      viewerTokens: { store: "redis", url: "redis://127.0.0.1:63790" },
      worker: { url: "http://127.0.0.1:41000" },
      movedPorts: [
        { setting: "streamServicePort", port: 3000, takenBy: "python3\u001b[2J (process 10762)" },
        { setting: "workerPort", port: 8446, takenBy: "another process" },
      ],
    },
    "/data",
  );

  expect(text).toContain("\n  viewer tokens   in Redis redis://127.0.0.1:63790\n");
  expect(text).toMatch(/\n {2}stream service {2}http:\S+ {3}\(3000 was taken by python3.+ \(process 10762\)\)\n/);
  expect(text).toContain("\n  worker          http://127.0.0.1:41000   (8446 was taken by another process)\n");
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\n  agent ");
});

it("says nothing of what an earlier rig's state file does not tell", () => {
  expect(welcome(status("/data/tls/ca.pem"), "/data")).not.toContain("viewer tokens");
});
