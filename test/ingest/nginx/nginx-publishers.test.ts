import { beforeEach, describe, expect, it } from "vitest";
import { type NginxPublishers, nginxPublishers } from "../../../src/ingest/nginx/nginx-publishers.ts";
import type { NginxStat } from "../../../src/ingest/nginx/nginx-stat.ts";

const NGINX = "100-1";
const one = { ingestInstance: NGINX, clientId: "1" };

const statOf = (...clientIds: string[]): NginxStat => ({
  childPid: "1",
  names: new Set(clientIds.map((id) => `local-${id}`)),
  publishers: clientIds.map((clientId) => ({
    app: "live",
    localName: `local-${clientId}`,
    clientId,
    bytesIn: 0,
    videoCodec: null,
    audioCodec: null,
    players: [],
  })),
});

describe("nginxPublishers", () => {
  let now: number;
  let ended: string[];
  let publishers: NginxPublishers;
  beforeEach(() => {
    now = 0;
    ended = [];
    publishers = nginxPublishers(
      () => now,
      ({ clientId }, reason) => void ended.push(`${clientId} ${reason}`),
    );
  });

  it("ends one that is missing from /stat though no callback said so, once", () => {
    publishers.accept(one, "local-1");
    now = 6000;

    publishers.reconcile(NGINX, statOf("2"));
    publishers.reconcile(NGINX, statOf("2"));

    expect(ended).toEqual(["1 disconnected"]);
  });

  it("leaves one alone that was accepted a moment ago, and one that is there", () => {
    publishers.accept(one, "local-1");
    publishers.reconcile(NGINX, statOf());
    now = 60_000;
    publishers.reconcile(NGINX, statOf("1"));

    expect(ended).toEqual([]);
  });

  it("ends all of an nginx that another one has replaced, at once", () => {
    publishers.accept(one, "local-1");

    publishers.reconcile("200-2", statOf("1"));

    expect(ended).toEqual(["1 disconnected"]);
    expect(publishers.find(one)).toBeNull();
  });

  it("ends all when nginx runs no more", () => {
    publishers.accept(one, "local-1");

    publishers.reconcile(null, null);

    expect(ended).toEqual(["1 disconnected"]);
  });

  it("passes on the end of one that it never accepted", () => {
    publishers.done(one);

    expect(ended).toEqual(["1 unpublished"]);
  });

  it("forgets a waiting player whose name is gone, and keeps one whose name is there", () => {
    publishers.playerWaiting("local-1", "r", "8");
    publishers.playerWaiting("local-2", "r", "9");
    now = 6000;

    publishers.reconcile(NGINX, statOf("2"));

    expect(publishers.playerOf("local-1", "r")).toBeNull();
    expect(publishers.playerOf("local-2", "r")).toBe("9");
  });
});
