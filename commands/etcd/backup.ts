import { printOne } from "../../src/runtime/cli/output.ts";
import { dataFolderOf, type GlobalOptions } from "../global-options.ts";
import { copyView } from "./copy-view.ts";

/** `rig etcd backup`: copies the embedded store into a folder, also while it runs. */
export async function run(options: GlobalOptions, folder: string): Promise<void> {
  const { backUpEtcd } = await import("../../src/context/run-etcd.ts");
  await printOne(await backUpEtcd(await dataFolderOf(options), folder), copyView, options);
}
