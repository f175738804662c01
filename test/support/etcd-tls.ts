import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCa, issueCertificate } from "../../src/runtime/tls/authority.ts";
import type { Credential } from "../../src/runtime/tls/credential.ts";

const YEARS_MS = 2 * 365 * 24 * 60 * 60 * 1_000; // longer ago than a certificate lives

/** Who issues: a CA that etcd and rig know, and one that they do not. */
type Issuer = "own" | "foreign";

/** Certificates as files, as operators have them. */
export interface EtcdTls {
  readonly folder: string;
  /** The path of a CA's certificate. */
  ca(issuer?: Issuer): string;
  /** Paths of a certificate for a server at these addresses. */
  server(hosts: readonly string[], choice?: { readonly expired?: boolean }): Promise<Files>;
  /** Paths of a certificate for a client. */
  client(choice?: { readonly issuer?: Issuer; readonly expired?: boolean }): Promise<Files>;
  /** What an etcd that asks its clients for certificates is started with. */
  flags(files: Files): string[];
  remove(): Promise<void>;
}

interface Files {
  readonly cert: string;
  readonly key: string;
}

export async function etcdTls(): Promise<EtcdTls> {
  const folder = await mkdtemp(join(tmpdir(), "rig-etcd-tls-"));
  const then = { now: () => Date.now() - YEARS_MS };
  const cas = {
    own: await createCa({ clock: then, name: "own" }),
    foreign: await createCa({ clock: then, name: "foreign" }),
  };
  const caPath = (issuer: Issuer) => join(folder, `${issuer}-ca.pem`);
  for (const issuer of ["own", "foreign"] as const) await writeFile(caPath(issuer), cas[issuer].certificate);
  let issued = 0;
  const files = async ({ certificate, privateKey }: Credential): Promise<Files> => {
    issued += 1;
    const [cert, key] = [join(folder, `${issued}.pem`), join(folder, `${issued}.key`)];
    await writeFile(cert, certificate);
    await writeFile(key, privateKey.open());
    return { cert, key };
  };
  const clockFor = (expired: boolean) => (expired ? then : { now: () => Date.now() });
  return {
    folder,
    ca: (issuer = "own") => caPath(issuer),
    server: async (hosts, { expired = false } = {}) =>
      files(await issueCertificate({ ca: cas.own, kind: "server", name: "etcd", hosts, clock: clockFor(expired) })),
    client: async ({ issuer = "own", expired = false } = {}) =>
      files(
        await issueCertificate({ ca: cas[issuer], kind: "agent", name: "edge-1", hosts: [], clock: clockFor(expired) }),
      ),
    flags: ({ cert, key }) => [
      ...["--cert-file", cert, "--key-file", key],
      ...["--client-cert-auth", "--trusted-ca-file", caPath("own")],
    ],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
