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
