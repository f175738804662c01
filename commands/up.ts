import { changedSettings } from "../src/config/changed-settings.ts";
import type { LoadedSettings } from "../src/config/load-settings.ts";
import type { PlatformState, RigStatus } from "../src/domain/rig-status.ts";
import { interruptible } from "../src/runtime/cli/interruptible.ts";
import { withSpinner } from "../src/runtime/cli/spinner.ts";
import { writeWord } from "../src/runtime/cli/write.ts";
import { reportFailure, reportReady, startDetached } from "../src/runtime/detach.ts";
import { createLog, logFile } from "../src/runtime/log.ts";
import { stateFile } from "../src/runtime/state-file.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";
import { notInForce } from "./not-in-force.ts";
import { welcome } from "./welcome.ts";

interface UpOptions extends GlobalOptions {
  readonly detach?: boolean;
  /** Set by `--detach` on the process that it starts. */
  readonly background?: boolean;
}

/** `rig up [--detach]` */
export async function run(options: UpOptions): Promise<void> {
  if (!options.background) return options.detach ? detach(options) : foreground(await settingsOf(options));
  try {
    const loaded = await settingsOf(options);
    await servePlatform(loaded, {}, async () => reportReady()); // its stderr is the log file
  } catch (error) {
    reportFailure(error);
    throw error;
  }
}

const foreground = (loaded: LoadedSettings): Promise<void> => {
  const { dataFolder } = loaded.settings;
  return servePlatform(loaded, { file: logFile(dataFolder) }, (status) => writeWord(welcome(status, dataFolder)));
};

async function servePlatform(
  loaded: LoadedSettings,
  destination: { readonly file?: string },
  onReady: (status: RigStatus) => Promise<void>,
): Promise<void> {
  const { serve } = await import("../src/context/serve.ts");
  const { startPlatform } = await import("../src/context/up.ts");
  const log = createLog({ level: loaded.settings.logLevel, ...destination });
  await serve(
    (parts) => startPlatform(loaded, parts, log),
    ({ status }) => onReady(status),
    log,
  );
}

/** Starts a background process and waits until it serves; ends it where that is interrupted. Harmless where one serves. */
async function detach(options: UpOptions): Promise<void> {
  const loaded = await settingsOf(options);
  const { dataFolder } = loaded.settings;
  const state = stateFile<PlatformState>(dataFolder);
  const already = await state.read();
  if (!already?.running) {
    const args = ["up", "--background", "--data", dataFolder, ...sameSettings(options)];
    const pid = await withSpinner("starting the platform", () =>
      interruptible((signal) => startDetached({ args, logFile: logFile(dataFolder) }, signal)),
    );
    if (pid === null) return;
  }
  const run = await state.read();
  if (!run) return;
  await writeWord(welcome(run.state, dataFolder));
  await writeWord(notInForce(run.state.settings, changedSettings(loaded)));
}

const sameSettings = ({ config, set = [] }: UpOptions): string[] => [
  ...(config === undefined ? [] : ["--config", config]),
  ...set.flatMap((setting) => ["--set", setting]),
];
