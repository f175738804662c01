import type { Log } from "../../domain/log.ts";
import { safeText } from "../../domain/safe-text.ts";
import { writeWord } from "./write.ts";

const say = (_fields: object, message: string) => void writeWord(`warning: ${safeText(message)}\n`);
const keepQuiet = () => {};

/** What a command's parts log: only what its person should know, one line each on stderr. */
export const commandLog: Log = { debug: keepQuiet, info: keepQuiet, warn: say, error: say };
