import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load-settings.ts";
import { renderNginxConf } from "../../src/context/render-nginx-conf.ts";

const folder = mkdtempSync(join(tmpdir(), "rig-conf-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function render({ callbackPort = "8446", module, user, ...env }: Record<string, string> = {}): Promise<string> {
  const given = { NGINX_RUN_FOLDER: "/run/rig-edge", INGEST_HOOK_SECRET: "a-secret-of-32-letters-and-digits", ...env };
  const { settings } = await loadSettings({ env: given, cwd: folder });
  return renderNginxConf(settings, { callbackPort, ...(module ? { module } : {}), ...(user ? { user } : {}) });
}

describe("the nginx.conf that goes with the settings", () => {
  it("sends its callbacks with the secret to the agent's port, and listens where publishers push", async () => {
    const conf = await render({ INGEST_HOST: "0.0.0.0", INGEST_PORT: "1940", INGEST_HOOK_PORT: "9000" });

    expect(conf).toContain("listen 0.0.0.0:1940; listen [::]:1940 ipv6only=on;");
    expect(conf).toContain(
      "proxy_pass http://127.0.0.1:9000; proxy_set_header X-Rig-Hook a-secret-of-32-letters-and-digits;",
    );
    expect(conf).toContain("http://127.0.0.1:8446/hook/on_publish;");
    expect(conf).toContain("listen unix:/run/rig-edge/control.sock;");
  });

  it.each([
    {
      what: "a folder with a space",
      given: { NGINX_RUN_FOLDER: "/run/rig edge" },
      says: "nginxRunFolder must be a path",
    },
    { what: "a module with a semicolon", given: { module: "/m.so; user root" }, says: "--module must be a path" },
    { what: "a short secret", given: { INGEST_HOOK_SECRET: "fifteen-letters" }, says: "hookSecret must be 16-256 of" },
    {
      what: "a secret with a variable in it",
      given: { INGEST_HOOK_SECRET: "$remote_addr-and-more" },
      says: "hookSecret",
    },
    {
      what: "a secret that ends its word",
      given: { INGEST_HOOK_SECRET: "0123456789abcdef; deny" },
      says: "hookSecret must be",
    },
    { what: "a user with more than a name", given: { user: "nobody; include /etc/x" }, says: "--user must be a user" },
    { what: "no folder", given: { NGINX_RUN_FOLDER: "" }, says: "nginxRunFolder and hookSecret must be set" },
    { what: "a port that is none", given: { callbackPort: "0" }, says: "--callback-port must be a port" },
  ])("is not made of $what", async ({ given, says }) => {
    await expect(render(given)).rejects.toThrow(says);
  });
});
