import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { RigStatus } from "../domain/rig-status.ts";

const ANSWER_MS = 3_000;

/** How each role says that it is: `ready`, `unready: etcd` (what it misses), or `unreachable`. Never rejects. */
export async function readRoles({ roles, server, agent, caFile }: RigStatus): Promise<Record<string, string>> {
  const ca = await readFile(caFile, "utf8").catch(() => "");
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const asked = await Promise.all(
      Object.entries({ server: server.url, agent: agent.url }).map(async ([role, url]) => [
        role,
        await ask(url, dispatcher),
      ]),
    );
    return { ...roles, ...Object.fromEntries(asked) };
  } finally {
    await dispatcher.destroy();
  }
}

async function ask(url: string, dispatcher: Agent): Promise<string> {
  try {
    const { statusCode, body } = await request(`${url}/readyz`, { dispatcher, signal: AbortSignal.timeout(ANSWER_MS) });
    const { checks } = (await body.json()) as { checks: readonly { name: string; ok: boolean }[] };
    if (statusCode === 200) return "ready";
    return `unready: ${checks
      .filter(({ ok }) => !ok)
      .map(({ name }) => name)
      .join(", ")}`;
  } catch {
    return "unreachable"; // whatever the reason: it does not answer
  }
}
