import "reflect-metadata"; // @peculiar/x509 wants it loaded first
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import type { Clock } from "../../domain/clock.ts";
import { invalidInput } from "../../domain/errors.ts";
import { Secret } from "../../domain/secret.ts";
import { agentUri, checkAgentId } from "./agent-identity.ts";
import type { Credential } from "./credential.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const CA_LIFE_MS = 3650 * DAY_MS;
const LEAF_LIFE_MS = 397 * DAY_MS; // the longest that strict clients accept; renewed at a start in its last third
const BACKDATE_MS = 5 * 60 * 1000; // a host whose clock is a little behind accepts it too
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const HOST_NAME = /^(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*$/;

interface IssueOrder {
  readonly ca: Credential;
  readonly kind: "server" | "agent";
  /** The common name; an agent's id. */
  readonly name: string;
  /** Host names and IP addresses under which it is reached. An agent that serves nothing has none. */
  readonly hosts: readonly string[];
  readonly clock: Pick<Clock, "now">;
}

/** Makes an internal CA: EC P-256, ten years, may sign end certificates only. */
export async function createCa({ clock, name }: { clock: Pick<Clock, "now">; name: string }): Promise<Credential> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: [{ CN: [name] }],
      keys,
      ...validity(clock, CA_LIFE_MS),
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return credential(certificate, keys.privateKey);
}

/**
 * Issues a certificate for a server (serverAuth) or an agent: clientAuth, its id as common name and as the URI
 * `rig:agent:<id>`, and serverAuth too where it has hosts. EC P-256, 397 days.
 * @throws RigError INVALID_INPUT for a host or an agent id that cannot stand in a certificate
 */
export async function issueCertificate({ ca, kind, name, hosts, clock }: IssueOrder): Promise<Credential> {
  const keys = await newKeys();
  const caCertificate = new x509.X509Certificate(ca.certificate);
  const serves = kind === "server" || hosts.length > 0;
  const usages = [
    ...(kind === "agent" ? [x509.ExtendedKeyUsage.clientAuth] : []),
    ...(serves ? [x509.ExtendedKeyUsage.serverAuth] : []),
  ];
  const names: x509.JsonGeneralName[] = hosts.map(hostName);
  if (kind === "agent") names.push({ type: "url", value: agentUri(checkAgentId(name)) });
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: [{ CN: [name] }],
      issuer: caCertificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: await signingKey(ca.privateKey),
      ...validity(clock, LEAF_LIFE_MS),
      signingAlgorithm: SIGNATURE,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(caCertificate, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return credential(certificate, keys.privateKey);
}

function hostName(host: string): x509.JsonGeneralName {
  if (isIP(host) !== 0) return { type: "ip", value: host };
  if (!HOST_NAME.test(host))
    throw invalidInput("hosts", `must be host names or IP addresses, got ${JSON.stringify(host)}`);
  return { type: "dns", value: host };
}

const newKeys = () => webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);

const newSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40; // positive, and never shortened
  return bytes.toString("hex");
};

const validity = (clock: Pick<Clock, "now">, lifeMs: number) => ({
  notBefore: new Date(clock.now() - BACKDATE_MS),
  notAfter: new Date(clock.now() + lifeMs),
});

function signingKey(privateKey: Secret): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(privateKey.open()).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, CURVE, false, ["sign"]);
}

function credential(certificate: x509.X509Certificate, privateKey: webcrypto.CryptoKey): Credential {
  const pem = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" });
  return { certificate: `${certificate.toString("pem").trimEnd()}\n`, privateKey: new Secret(pem.toString()) };
}
