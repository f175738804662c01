import { describe, expect, it } from "vitest";
import { connectionGate } from "../../../src/ingest/embedded/connection-limits.ts";

describe("the connection gate", () => {
  it("holds back an address with too many connections that are nobody yet, and no other address", () => {
    const gate = connectionGate({ maxConnections: 100, maxPendingPerAddress: 2 });

    const first = gate.admit("192.0.2.1");
    gate.admit("192.0.2.1");

    expect(gate.admit("192.0.2.1")).toBeNull();
    expect(gate.admit("192.0.2.2")).not.toBeNull();
    first?.accept();
    first?.accept();
    expect(gate.admit("192.0.2.1")).not.toBeNull();
    expect(gate.admit("192.0.2.1")).toBeNull();
  });

  it("holds back everybody at the limit of all connections, until one leaves", () => {
    const gate = connectionGate({ maxConnections: 2, maxPendingPerAddress: 2 });
    const first = gate.admit("192.0.2.1");
    gate.admit("192.0.2.2")?.accept();

    const beyond = gate.admit("192.0.2.3");
    first?.leave();
    first?.leave();

    expect(beyond).toBeNull();
    expect(gate.admit("192.0.2.3")).not.toBeNull();
    expect(gate.admit("192.0.2.4")).toBeNull();
  });
});
