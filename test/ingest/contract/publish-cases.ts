import { expect } from "vitest";
import type { PublishDecision } from "../../../src/services/ingest.ts";
import { until } from "../../support/until.ts";
import type { IngestDifferences } from "./differences.ts";
import type { BenchedIt, IngestBench } from "./ingest-bench.ts";

/** Who may publish, and how a publish ends. */
export function publishCases(it: BenchedIt, differences: IngestDifferences): void {
  const firstEnd = ({ handlers }: IngestBench) =>
    until(() => handlers.ends[0], { limitMs: differences.idleMs + 30_000 });
  const reason = (told: string, end: { reason: string }) => (differences.tellsReasons ? told : end.reason);

  it("asks before Publish.Start, with the stream key alone and not what was written after it", async (bench) => {
    const key = bench.nextKey();
    let decide: (decision: PublishDecision) => void = () => {};
    bench.handlers.answer = () =>
      new Promise((resolve) => {
        decide = resolve;
      });
    let isStarted = false;

    const publishing = bench.publish(`${key}?name=other&call=publish&clientid=1&addr=9.9.9.9`).then(() => {
      isStarted = true;
    });
    const { request } = await until(() => bench.handlers.requests[0]);
    const startedEarly = isStarted;
    decide({ accepted: true, localName: `local-${key}` });
    await publishing;

    expect(startedEarly).toBe(false);
    expect(request.streamKey.open()).toBe(key);
    expect(request).toMatchObject({ app: "live", clientAddress: "127.0.0.1" });
    expect(JSON.stringify(request)).not.toContain(key);
  });

  it("refuses a publish without taking media, and asks about the next one anew", async (bench) => {
    const { handlers, ingest } = bench;
    handlers.answer = async () => ({ accepted: false, code: "STREAM_KEY_UNKNOWN", message: "no such stream key" });

    const refused = await bench.publish(bench.nextKey()).catch((error: unknown) => error);
    await until(async () => (await ingest.stat()).length === 0, { what: "nothing is live" });
    handlers.answer = async () => ({ accepted: true, localName: "after" });
    await bench.publish(bench.nextKey());

    if (differences.saysWhyRefused)
      expect(refused).toMatchObject({ code: "REFUSED", status: "NetStream.Publish.BadName" });
    else expect(refused).toBeInstanceOf(Error);
    expect(handlers.requests).toHaveLength(2);
  });

  if (differences.seesLeavingEarly)
    it("tells the decision when the publisher left meanwhile", async (bench) => {
      bench.handlers.answer = () => new Promise(() => {});

      const publishing = bench.publish(bench.nextKey()).catch(() => null);
      const { signal } = await until(() => bench.handlers.requests[0]);
      bench.cutClients();
      await until(() => signal.aborted);

      await publishing;
      await until(async () => (await bench.ingest.stat()).length === 0, { what: "nothing is live" });
    });

  it("tells the end of a publish", async (bench) => {
    const key = bench.nextKey();
    const { publisher } = await bench.publish(key);
    await bench.send(publisher, bench.tags.slice(0, 20));

    await publisher.end();
    const end = await firstEnd(bench);

    expect(end.publisher.clientId).toBe(bench.handlers.requests[0]!.request.clientId);
    expect(end.reason).toBe(reason("unpublished", end));
    await until(async () => (await bench.statOf(`local-${key}`)) === null);
  });

  it("tells of a publisher that vanishes without a goodbye", async (bench) => {
    const { client, publisher } = await bench.publish(bench.nextKey());
    await bench.send(publisher, bench.tags.slice(0, 20));

    client.destroy();
    const end = await firstEnd(bench);

    expect(end.reason).toBe(reason("disconnected", end));
    await until(async () => (await bench.ingest.stat()).length === 0);
  });

  it("ends a publisher that sends nothing any more", async (bench) => {
    const { client, publisher } = await bench.publish(bench.nextKey());
    await bench.send(publisher, bench.tags.slice(0, 20));

    const end = await firstEnd(bench);
    await client.closed;

    expect(end.reason).toBe(reason("idle", end));
  });

  it("drops one publisher by its client id, and no other", async (bench) => {
    const [key, other] = [bench.nextKey(), bench.nextKey()];
    const [dropped, kept] = [await bench.publish(key), await bench.publish(other)];
    for (const { publisher } of [dropped, kept]) await bench.send(publisher, bench.tags.slice(0, 20));
    await until(async () => (await bench.ingest.stat()).length === 2);
    const { request } = bench.handlers.requests.find((one) => one.request.streamKey.open() === key)!;

    const wasThere = await bench.ingest.drop(request);
    await dropped.client.closed;
    const end = await firstEnd(bench);
    await until(async () => (await bench.statOf(`local-${key}`)) === null);
    const isGone = !(await bench.ingest.drop(request));

    expect([wasThere, isGone]).toEqual([true, true]);
    expect(end.publisher.clientId).toBe(request.clientId);
    expect(end.reason).toBe(reason("dropped", end));
    await bench.send(kept.publisher, bench.tags.slice(20, 40));
    expect(await bench.statOf(`local-${other}`)).not.toBeNull();
  });

  it("drops nobody for a client id of another instance", async (bench) => {
    await bench.publish(bench.nextKey());
    const { clientId } = bench.handlers.requests[0]!.request;

    expect(await bench.ingest.drop({ ingestInstance: "another", clientId })).toBe(false);
  });
}
