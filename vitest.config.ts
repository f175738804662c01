import { defineConfig } from "vitest/config";

/**
 * Two projects, one after the other: `unit` is pure and parallel; `real` talks to real servers, one file at a time,
 * with one PostgreSQL and one etcd for the whole run (see test/support/real-servers.ts).
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/**/*.real.test.{ts,tsx}"],
          isolate: false, // nothing that a file leaves behind concerns another, and a fresh start for each takes a minute of CPU
          testTimeout: 30_000,
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "real",
          include: ["test/**/*.real.test.{ts,tsx}"],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          globalSetup: ["test/support/real-servers.ts"],
          testTimeout: 120_000, // over what a test waits for at most, each time: who passes needs a small part of it
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
