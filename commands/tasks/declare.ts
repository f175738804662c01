import { type Command, Option } from "commander";
import { lazily } from "../lazily.ts";

const STATES = ["ready", "running", "delayed", "dead", "done", "cancelled"];

/** Declares what is below `rig tasks`. */
export function declareTasks(tasks: Command): void {
  declareLooking(tasks);
  declareChanging(tasks);
}

function declareLooking(tasks: Command): void {
  tasks
    .command("list")
    .description("list tasks: what runs, then what is ready, delayed, dead and over")
    .option("--kind <kind>", "only this kind's")
    .addOption(new Option("--state <state>", "only those in this state").choices(STATES))
    .option("--limit <number>", "no more than so many", "100")
    .action(lazily(() => import("./list.ts")));
  tasks
    .command("show")
    .description("one task with its payload, and its result where that is kept")
    .argument("<task>", "id")
    .action(lazily(() => import("./show.ts")));
  tasks
    .command("kinds")
    .description("how many tasks of each kind there are, and which kinds are paused")
    .action(lazily(() => import("./kinds.ts")));
  tasks
    .command("workers")
    .description("which workers take tasks")
    .action(lazily(() => import("./workers.ts")));
  tasks
    .command("refused")
    .description("orders of committed rows that the queue refused, and why")
    .option("--kind <kind>", "only this kind's")
    .option("--limit <number>", "no more than so many", "100")
    .action(lazily(() => import("./refused.ts")));
  tasks
    .command("top")
    .description("live screen of kinds, running tasks and workers")
    .option("--interval <seconds>", "how often it asks", "1")
    .option("--watch", "no screen: a JSON line for each snapshot, until interrupted")
    .action(lazily(() => import("./top.ts")));
}

function declareChanging(tasks: Command): void {
  tasks
    .command("enqueue")
    .description("order a task")
    .argument("<kind>", "what kind of task")
    .option("--payload <json>", "what the task is about")
    .option("--payload-file <file>", "the same from a file, or - for stdin")
    .option("--id <id>", "ordered twice under one id, it runs once (default: a new ULID)")
    .option("--priority <0-9>", "9 first (default: 5)")
    .option("--delay <duration>", "not before this has passed: 90s, 5m, 2h")
    .option("--dedupe-key <key>", "only where none with this key was ordered within --dedupe")
    .option("--dedupe <duration>", "how long a dedupe key counts (default: 1h)")
    .option("--max-attempts <number>", "tries before it is dead (default: 8)")
    .action(lazily(() => import("./enqueue.ts")));
  tasks
    .command("cancel")
    .description("take a task off the queue; one that runs is asked to stop")
    .argument("<task>", "id")
    .option("-y, --yes", "without asking")
    .action(lazily(() => import("./cancel.ts")));
  tasks
    .command("retry")
    .description("make a delayed or dead task ready now")
    .argument("<task>", "id")
    .action(lazily(() => import("./retry.ts")));
  tasks
    .command("redrive")
    .description("make all dead tasks ready again, with all their tries")
    .argument("[kind]", "only this kind's")
    .option("-y, --yes", "without asking")
    .action(lazily(() => import("./redrive.ts")));
  tasks
    .command("resend")
    .description("send refused orders to the queue once more")
    .argument("[task]", "only this one (default: all)")
    .option("-y, --yes", "without asking")
    .action(lazily(() => import("./resend.ts")));
  tasks
    .command("pause")
    .description("let no more tasks of a kind begin; those that run go on")
    .argument("<kind>", "which kind")
    .action(lazily(() => import("./pause.ts")));
  tasks
    .command("resume")
    .description("let tasks of a paused kind begin again")
    .argument("<kind>", "which kind")
    .action(lazily(() => import("./resume.ts")));
}
