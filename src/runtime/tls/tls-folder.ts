import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";
import { checkAgentId } from "./agent-identity.ts";
import { type Credential, faultOf, isDueForRenewal, namesHost, type TlsIdentity } from "./credential.ts";
import { writePrivateFile } from "./private-file.ts";

/** Who gets a certificate of a folder's CA. */
export interface CertificateOrder {
  readonly kind: "server" | "agent";
  /** The common name, an agent's id, and part of the file's name: 1-64 of A-Z a-z 0-9 . _ - */
  readonly name: string;
  readonly hosts: readonly string[];
}

/** A folder with an internal CA and what it issued: `ca.pem`, `ca.key`, `server-NAME.pem`, `agent-NAME.key`, … */
export interface TlsFolder {
  /** Path of the CA's certificate, for `curl --cacert`. */
  readonly caFile: string;
  /** The kept credential where it is sound, names the same hosts and has more than a third of its life left; else a new one. */
  credentialFor(order: CertificateOrder): Promise<TlsIdentity>;
}

type Now = Pick<Clock, "now">;

/**
 * Opens `folder` (made 0700), with a new CA on the first run. A run that died half-way is made good.
 * @throws RigError DATA_FOLDER for a folder that cannot be written, or a CA that cannot sign any more: certificates out
 *   there trust it, so it is never replaced silently
 */
export async function openTlsFolder(folder: string, clock: Now): Promise<TlsFolder> {
  await makePrivate(folder);
  const ca = (await readCa(folder, clock)) ?? (await newCa(folder, clock));
  return {
    caFile: join(folder, "ca.pem"),
    credentialFor: (order) => credentialFor(folder, ca, order, clock),
  };
}

async function makePrivate(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700); // it may have been there before
  } catch (error) {
    throw new RigError("DATA_FOLDER", `${folder} cannot be made a private folder`, { cause: error });
  }
}

async function credentialFor(folder: string, ca: Credential, order: CertificateOrder, clock: Now) {
  const base = join(folder, `${order.kind}-${checkAgentId(order.name)}`);
  const kept = await readCredential(base);
  if (kept !== null && isUsable(kept, ca, order, clock)) return { ...kept, ca: ca.certificate };
  const { issueCertificate } = await import("./authority.ts"); // heavy, and seldom needed
  const issued = await issueCertificate({ ca, ...order, clock });
  await writeCredential(base, issued);
  return { ...issued, ca: ca.certificate };
}

function isUsable(kept: Credential, ca: Credential, { hosts }: CertificateOrder, clock: Now): boolean {
  if (faultOf(kept, ca.certificate, clock) !== null || isDueForRenewal(kept.certificate, clock)) return false;
  return hosts.every((host) => namesHost(kept.certificate, host));
}

/** The CA of an earlier run; null on the first one, and where one died before it had a certificate: then nothing was issued yet. */
async function readCa(folder: string, clock: Now): Promise<Credential | null> {
  const certificate = await readIfThere(join(folder, "ca.pem"));
  if (certificate === null) return null;
  const privateKey = new Secret((await readIfThere(join(folder, "ca.key"))) ?? "");
  const fault = faultOf({ certificate, privateKey }, certificate, clock);
  if (fault !== null)
    throw new RigError("DATA_FOLDER", `the CA in ${folder} cannot be used: ${fault}`, {
      hint: "Restore ca.pem and ca.key from a backup, or remove the folder to begin with a new CA that nobody trusts yet.",
    });
  return { certificate, privateKey };
}

async function newCa(folder: string, clock: Now): Promise<Credential> {
  const { createCa } = await import("./authority.ts");
  const ca = await createCa({ clock, name: "rig internal CA" });
  await writeCredential(join(folder, "ca"), ca);
  return ca;
}

/** The certificate comes last: where it stands, its key stands too. */
async function writeCredential(base: string, { certificate, privateKey }: Credential): Promise<void> {
  await writePrivateFile(`${base}.key`, privateKey.open());
  await writePrivateFile(`${base}.pem`, certificate);
}

async function readCredential(base: string): Promise<Credential | null> {
  const certificate = await readIfThere(`${base}.pem`);
  const privateKey = await readIfThere(`${base}.key`);
  return certificate === null || privateKey === null ? null : { certificate, privateKey: new Secret(privateKey) };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new RigError("DATA_FOLDER", `${path} cannot be read`, { cause: error });
  }
}
