import { describe } from "vitest";
import { embeddedIngest } from "../../src/ingest/embedded/embedded-ingest.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { silentLog as log } from "../support/silent-log.ts";
import { ingestContract } from "./contract.ts";

let boots = 0;

describe.concurrent("within rig", () => {
  ingestContract(
    "embedded",
    async () => {
      const instance = `boot-${++boots}`;
      const limits = { idleMs: 1_500, playerMaxQueuedBytes: 2 * 1024 * 1024, gopMaxBytes: 1024 * 1024 };
      return {
        ingest: embeddedIngest({ listenHost: "127.0.0.1", listenPort: 0, app: "live", instance, clock, log, limits }),
        stop: async () => {},
      };
    },
    {
      saysWhyRefused: true,
      seesLeavingEarly: true,
      keepsGop: true,
      endsPlayers: true,
      countsLostFrames: true,
      countsFrames: true,
      leavesOutEarlyAudio: false,
      tellsReasons: true,
      idleMs: 1_500,
    },
  );
});
