import { join } from "node:path";
import { invalidInput } from "../../src/domain/errors.ts";
import { printOne, type View } from "../../src/runtime/cli/output.ts";
import type { GlobalOptions } from "../global-options.ts";
import { openCertificates } from "./certificates.ts";

interface IssuedFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const filesView: View<IssuedFiles> = {
  columns: [
    { head: "TLS_CERT", cell: ({ cert }) => cert },
    { head: "TLS_KEY", cell: ({ key }) => key },
    { head: "TLS_CA", cell: ({ ca }) => ca },
  ],
  json: (row) => row,
  name: ({ cert }) => cert,
};

/** `rig certs issue server|agent NAME [--host H]…` */
export async function run(options: GlobalOptions & { host?: string[] }, kind: string, name: string): Promise<void> {
  if (kind !== "server" && kind !== "agent")
    throw invalidInput("kind", `must be server or agent, got ${JSON.stringify(kind)}`);
  const { folder, tls } = await openCertificates(options);
  const hosts = options.host ?? ["localhost", "127.0.0.1", "::1"];
  await tls.credentialFor({ kind, name, hosts });
  const base = join(folder, `${kind}-${name}`);
  await printOne({ cert: `${base}.pem`, key: `${base}.key`, ca: tls.caFile }, filesView, options);
}
