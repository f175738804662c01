import { request } from "node:https";

/** How a health page answered. */
export interface Health {
  readonly status: number;
  readonly body: {
    readonly timestamp?: number;
    readonly live?: boolean;
    readonly ready?: boolean;
    readonly checks?: readonly { readonly name: string; readonly ok: boolean }[];
  };
}

/** Asks one health page over TLS, on a connection of its own. Rejects where nobody listens. */
export const askHealth = (url: string, ca: string): Promise<Health> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { ca, agent: false }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += String(chunk);
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) });
    });
    asked.once("error", reject);
    asked.end();
  });

/** The names of the neighbours that a `/readyz` found wanting. */
export const missing = ({ body }: Health): string[] =>
  (body.checks ?? []).filter(({ ok }) => !ok).map(({ name }) => name);
