// Preloaded into a process, whose wall clock is off by as many milliseconds as the file says that RIG_TEST_CLOCK names, from
// when it says so. Its steady clock and its timers are as they were.
import { readFileSync } from "node:fs";

const READ_EVERY_MS = 50;
const file = process.env.RIG_TEST_CLOCK ?? "";
const now = Date.now;

const read = () => Number(readFileSync(file, "utf8"));
let shiftMs = read();
setInterval(() => {
  shiftMs = read();
}, READ_EVERY_MS).unref();
Date.now = () => now() + shiftMs;
