import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { trackSockets } from "../../../src/runtime/http/open-sockets.ts";
import { openRaw } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

it("holds no answer whose connection is gone, not even those whose turn never came", async () => {
  const server = createServer();
  const sockets = trackSockets(server);
  const responses: ServerResponse[] = [];
  server.on("request", (_request, response) => {
    const { done } = sockets.begin(response);
    response.once("close", done);
    responses.push(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const client = await openRaw((server.address() as AddressInfo).port);

  client.write(GET.repeat(5));
  await until(() => responses.length === 5);
  expect(sockets.answers()).toHaveLength(5);
  client.socket.destroy();

  await until(() => sockets.answers().length === 0);
  server.close();
});
