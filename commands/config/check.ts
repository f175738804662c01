import { isRigError, RigError } from "../../src/domain/errors.ts";
import { printOne } from "../../src/runtime/cli/output.ts";
import { writeWord } from "../../src/runtime/cli/write.ts";
import { type GlobalOptions, settingsOf } from "../global-options.ts";

/** `rig config check`; exits 2 where a setting is bad. */
export async function run(options: GlobalOptions): Promise<void> {
  try {
    const { configFile } = await settingsOf(options);
    await printOne({ configFile }, checkedView, options);
  } catch (error) {
    if (!isRigError(error) || error.faults.length < 2) throw error;
    if (!options.json) await writeWord(error.faults.map(({ field, message }) => `${field} ${message}\n`).join(""));
    throw new RigError("INVALID_SETTING", `${error.faults.length} settings are bad`, { cause: error });
  }
}

const checkedView = {
  columns: [
    {
      head: "settings are good;",
      cell: ({ configFile }: { configFile: string | null }) => configFile ?? "no configuration file",
    },
  ],
  json: (row: { configFile: string | null }) => ({ ok: true, ...row }),
  name: () => "ok",
};
