import { describe } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { nginxIngest } from "../../src/ingest/nginx/nginx-ingest.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { freePort } from "../support/free-port.ts";
import { findNginxRtmp, startNginxRtmp } from "../support/nginx.ts";
import { silentLog as log } from "../support/silent-log.ts";
import { ingestContract } from "./contract.ts";

const HOOK_SECRET = "hook-secret-of-this-test";

async function startIngest() {
  const agentPort = await freePort();
  const nginx = await startNginxRtmp({ agentPort, hookSecret: HOOK_SECRET });
  if (!nginx) throw new Error("nginx with its rtmp module is not installed");
  const ingest = nginxIngest({
    publishUrl: `rtmp://127.0.0.1:${nginx.rtmpPort}/live`,
    rtmpPort: nginx.rtmpPort,
    app: "live",
    runFolder: nginx.runFolder,
    hookListenPort: agentPort,
    hookSecret: new Secret(HOOK_SECRET),
    clock,
    log,
    pollMs: 300,
  });
  return { ingest, stop: () => nginx.stop() };
}

describe.skipIf(!findNginxRtmp()).concurrent("with nginx and its rtmp module", () => {
  ingestContract("nginx-rtmp", startIngest, {
    saysWhyRefused: false,
    seesLeavingEarly: false,
    keepsGop: false,
    endsPlayers: false,
    countsLostFrames: true,
    countsFrames: false,
    leavesOutEarlyAudio: true,
    tellsReasons: false,
    idleMs: 10_000,
  });
});
