import { printSession } from "./session-view.ts";
import { readSession, type SessionOptions } from "./which-session.ts";
import { withViewers } from "./with-viewers.ts";

/** `rig tokens show SESSION | --key HASH` */
export async function run(options: SessionOptions, session?: string): Promise<void> {
  const { which } = readSession(options, [session]);
  await printSession(await withViewers(options, ({ viewers }) => viewers.show(which)), options);
}
