import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Clock } from "../../domain/clock.ts";
import { RigError } from "../../domain/errors.ts";
import type { Secret } from "../../domain/secret.ts";

/** A certificate with its private key, both PEM. */
export interface Credential {
  readonly certificate: string;
  readonly privateKey: Secret;
}

/** What one end of a TLS connection holds: its own credential, and the CA by which it knows the others. */
export interface TlsIdentity extends Credential {
  /** PEM of the CA's certificate. */
  readonly ca: string;
}

/** Why a credential must not be used, or null where it is sound: key and certificate belong together, its time is now, the CA signed it. */
export function faultOf(credential: Credential, ca: string, clock: Pick<Clock, "now">): string | null {
  const parsed = parse(credential.certificate);
  const issuer = parse(ca);
  if (parsed === null) return "the certificate cannot be read";
  if (issuer === null) return "the CA's certificate cannot be read";
  if (!parsed.checkIssued(issuer) || !parsed.verify(issuer.publicKey)) return "it was issued by another CA";
  return pairFaultOf(credential, clock);
}

/** The same where nobody's CA is asked for. */
export function pairFaultOf({ certificate, privateKey }: Credential, clock: Pick<Clock, "now">): string | null {
  const parsed = parse(certificate);
  if (parsed === null) return "the certificate cannot be read";
  if (!keyFits(parsed, privateKey)) return "the private key is not the certificate's";
  if (clock.now() >= Date.parse(parsed.validTo)) return `it expired at ${isoInstant(parsed.validTo)}`;
  if (clock.now() < Date.parse(parsed.validFrom)) return `it is not valid before ${isoInstant(parsed.validFrom)}`;
  return null;
}

/** @throws RigError INVALID_SETTING naming `what` where the credential must not be used */
export function checkCredential(what: string, identity: TlsIdentity, clock: Pick<Clock, "now">): void {
  const fault = faultOf(identity, identity.ca, clock);
  if (fault !== null)
    throw new RigError("INVALID_SETTING", `${what} cannot be used: ${fault}`, {
      hint: "Issue a new one with `rig certs issue`.",
    });
}

/** True once less than a third of the certificate's life is left. */
export function isDueForRenewal(certificate: string, clock: Pick<Clock, "now">): boolean {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const life = Date.parse(validTo) - Date.parse(validFrom);
  return Date.parse(validTo) - clock.now() < life / 3;
}

/** True where clients that reach the holder under this host name or IP address accept the certificate. */
export function namesHost(certificate: string, host: string): boolean {
  const parsed = new X509Certificate(certificate);
  return (isIP(host) === 0 ? parsed.checkHost(host) : parsed.checkIP(host)) !== undefined;
}

function parse(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null; // not a certificate: the caller says so in its own words
  }
}

function keyFits(certificate: X509Certificate, privateKey: Secret): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey.open()));
  } catch {
    return false; // not a key at all
  }
}

const isoInstant = (opensslDate: string): string => new Date(opensslDate).toISOString();
