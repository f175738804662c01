import { expect, it } from "vitest";
import { nginxConf } from "../../../src/ingest/nginx/nginx-conf.ts";

const conf = (bind: string, ipv6 = false) =>
  nginxConf({
    modulePath: null,
    user: null,
    runFolder: "/run/rig",
    bind,
    rtmpPort: 1935,
    ipv6,
    app: "live",
    hookPort: 8446,
    agentUrl: "http://127.0.0.1:8445",
    hookSecret: "secret",
  });

it.each([
  ["127.0.0.1", false, "listen 127.0.0.1:1935;\n"],
  ["0.0.0.0", true, "listen 0.0.0.0:1935; listen [::]:1935 ipv6only=on;\n"],
  ["203.0.113.5", false, "listen 203.0.113.5:1935; listen 127.0.0.1:1935;\n"],
])("listens for publishers on %s, and on loopback, where relays pull", (bind, ipv6, expected) => {
  expect(conf(bind, ipv6)).toContain(`    ${expected}`);
});
