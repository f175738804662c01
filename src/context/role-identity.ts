import { X509Certificate } from "node:crypto";
import { SETTINGS, type SettingName, type Settings } from "../config/settings.ts";
import { RigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import { systemClock } from "../runtime/clock.ts";
import { agentIdOf } from "../runtime/tls/agent-identity.ts";
import { checkCredential, type TlsIdentity } from "../runtime/tls/credential.ts";
import { readPemOf } from "./setting-file.ts";

/** What a role that runs alone shows to the others: TLS_CERT, TLS_KEY, TLS_CA. @throws RigError INVALID_SETTING */
export async function roleIdentity(settings: Settings, what: string): Promise<TlsIdentity> {
  const pem = async (setting: "tlsCert" | "tlsKey" | "tlsCa") =>
    (await readPemOf(settings, setting)) ?? notSet(setting, SETTINGS[setting].env);
  const identity = {
    certificate: await pem("tlsCert"),
    privateKey: new Secret(await pem("tlsKey")),
    ca: await pem("tlsCa"),
  };
  checkCredential(what, identity, systemClock);
  return identity;
}

/** The agent that a certificate was issued to: an agent is nobody else. @throws RigError INVALID_SETTING */
export function agentOf({ certificate }: TlsIdentity, { agentId, tlsCert }: Settings): string {
  const named = agentIdOf(new X509Certificate(certificate));
  if (named === null)
    throw new RigError("INVALID_SETTING", `tlsCert: ${tlsCert} is not an agent's certificate`, {
      hint: "Issue one with `rig certs issue agent ID`, and set TLS_CERT and TLS_KEY to it.",
    });
  if (agentId === null || agentId === named) return named;
  throw new RigError("INVALID_SETTING", `agentId must be ${named}, whose certificate this is, got ${agentId}`, {
    hint: "Leave AGENT_ID away, or set TLS_CERT and TLS_KEY to that agent's own.",
  });
}

/** @throws RigError INVALID_SETTING */
export function notSet(setting: SettingName, variable: string): never {
  throw new RigError("INVALID_SETTING", `${setting} is not set, and this role does not run without it`, {
    hint: `Set ${variable}; \`rig config show\` lists every setting.`,
  });
}
