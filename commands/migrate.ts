import { printRows } from "../src/runtime/cli/output.ts";
import { type GlobalOptions, settingsOf } from "./global-options.ts";

/** `rig migrate`: safe to repeat, and to run on several machines at once. */
export async function run(options: GlobalOptions): Promise<void> {
  const { settings } = await settingsOf(options);
  const { migrateDatabase } = await import("../src/context/migrate-database.ts");
  const applied = await migrateDatabase(settings);
  const columns = [{ head: "APPLIED", cell: (name: string) => name }];
  await printRows(applied, { columns, json: (name) => ({ name }), name: (name) => name }, options);
}
