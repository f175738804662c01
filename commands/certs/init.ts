import { printOne, type View } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { openCertificates } from "./certificates.ts";

const caView: View<{ caFile: string }> = {
  columns: [{ head: "CA", cell: ({ caFile }) => caFile }],
  json: (row) => row,
  name: ({ caFile }) => caFile,
};

/** `rig certs init` */
export async function run(options: GlobalOptions): Promise<void> {
  const { tls } = await openCertificates(options);
  await printOne({ caFile: tls.caFile }, caView, options);
}
