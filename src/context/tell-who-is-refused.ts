import type { Log } from "../domain/log.ts";

/** Says, once at the start, whom `/v1/tokens` refuses for want of a setting. */
export function tellWhoIsRefused(given: { readonly apiToken: unknown; readonly tokenSecret: unknown }, log: Log): void {
  if (given.apiToken === null)
    log.info({ setting: "apiToken" }, "RIG_TOKEN is not set: /v1/tokens lets no operator in");
  if (given.tokenSecret === null)
    log.info(
      { setting: "tokenSecret" },
      "TOKEN_SECRET is not set: /v1/tokens takes no session secrets and no Idempotency-Keys",
    );
}
