import { defineConfig } from "vitest/config";

/** Tests against real servers: one PostgreSQL and one etcd for all of them (see test/support/real-servers.ts). */
const REAL = {
  globalSetup: ["test/support/real-servers.ts"],
  testTimeout: 120_000, // over what a test waits for at most, each time: who passes needs a small part of it
  hookTimeout: 120_000,
};
/** What keeps both cores busy, or would be late beside others. */
const ALONE = [
  "test/platform/!(canary|destination-keys|failed-start).real.test.ts",
  "test/etcd/viewer-hammer.real.test.ts",
];

/**
 * Three projects, one after the other: `unit` is pure; `real` talks to real servers, two files at a time, which mostly wait;
 * `alone` does so one file at a time, above all with whole platforms.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/**/*.real.test.{ts,tsx}"],
          isolate: false, // nothing that a file leaves behind concerns another, and a fresh start for each takes a minute of CPU
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...REAL,
          name: "real",
          include: ["test/**/*.real.test.{ts,tsx}"],
          exclude: ALONE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...REAL,
          name: "alone",
          include: ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
