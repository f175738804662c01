import { printOne } from "../../src/runtime/cli/output.ts";
import { dataFolderOf, type GlobalOptions } from "../global-options.ts";
import { copyView } from "./copy-view.ts";

/** `rig etcd restore`: makes the embedded store out of a backup. */
export async function run(options: GlobalOptions, folder: string): Promise<void> {
  const { restoreEtcd } = await import("../../src/context/run-etcd.ts");
  await printOne(await restoreEtcd(await dataFolderOf(options), folder), copyView, options);
}
