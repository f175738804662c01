import { expect, it } from "vitest";
import { tellWhoIsRefused } from "../../src/context/tell-who-is-refused.ts";
import { silentLog } from "../support/silent-log.ts";

it.each([
  ["both", { apiToken: "given", tokenSecret: "given" }, []],
  ["no operator's token", { apiToken: null, tokenSecret: "given" }, ["apiToken"]],
  ["no secret", { apiToken: "given", tokenSecret: null }, ["tokenSecret"]],
  ["neither", { apiToken: null, tokenSecret: null }, ["apiToken", "tokenSecret"]],
])("with %s it names what is missing alone", (_what, given, missing) => {
  const told: object[] = [];

  tellWhoIsRefused(given, { ...silentLog, info: (fields) => void told.push(fields) });

  expect(told).toEqual(missing.map((setting) => ({ setting })));
});
