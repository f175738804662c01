import { afterEach, expect, it } from "vitest";
import { type Connection, connect } from "../../src/redis/connection.ts";

const open: Connection[] = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.disconnect();
});

function connection(): Connection {
  const nodes = [{ host: "127.0.0.1", port: 1 }];
  const access = { isTls: false, ca: null, user: null, password: null };
  const connection = connect({ nodes, isCluster: false, database: 0, ...access });
  connection.on("error", () => {}); // nobody is there
  open.push(connection);
  return connection;
}

it.each([
  ["READONLY You can't write against a read only replica.", true],
  ["READONLY You can't write against a read only replica. script: 5b2a, on @user_script:142.", true],
  ["ERR Error running script (call to f_5b2a): @user_script:142: @user_script: 142: -READONLY You can't write", true],
  ["ERR Error running script (call to f_5b2a): @user_script:142: FOREIGN value of READONLY ", false],
  ["LOADING Redis is loading the dataset in memory", false],
])("looks for a new master behind the same name where it hears %s: %s", (message, isTold) => {
  const { reconnectOnError } = connection().options as { reconnectOnError?: (error: Error) => unknown };

  expect(reconnectOnError?.(new Error(message))).toBe(isTold);
});
