import type { X509Certificate } from "node:crypto";
import { invalidInput } from "../../domain/errors.ts";

const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SAN_PREFIX = "rig:agent:";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

/** Gives the id back. Only letters, digits and `. _ -`, so that it cannot be read as more than one name in a certificate. @throws RigError INVALID_INPUT */
export function checkAgentId(agentId: string): string {
  if (!AGENT_ID.test(agentId))
    throw invalidInput("agentId", `must be 1-64 of A-Z a-z 0-9 . _ -, got ${JSON.stringify(agentId)}`);
  return agentId;
}

/** The URI among an agent certificate's alternative names that says whose it is. */
export const agentUri = (agentId: string): string => `${SAN_PREFIX}${agentId}`;

/**
 * Whose certificate this is: the agent id in its one `rig:agent:` URI, which must also be its common name.
 * Null for a certificate that is not an agent's. Says nothing about who signed it: ask the TLS socket.
 */
export function agentIdOf(certificate: X509Certificate): string | null {
  const uris = (certificate.subjectAltName ?? "").split(", ").filter((name) => name.startsWith(`URI:${SAN_PREFIX}`));
  const agentId = uris[0]?.slice(`URI:${SAN_PREFIX}`.length) ?? "";
  const mayBeClient = certificate.keyUsage?.includes(CLIENT_AUTH) ?? false; // Node calls the extended key usage `keyUsage`
  if (uris.length !== 1 || !AGENT_ID.test(agentId) || !mayBeClient) return null;
  return certificate.subject.split("\n").includes(`CN=${agentId}`) ? agentId : null;
}
