import { describe, expect, it } from "vitest";
import { parseNginxStat } from "../../../src/ingest/nginx/nginx-stat.ts";

const client = (id: number, more = "") =>
  `<client><id>${id}</id><dropped>${id * 10}</dropped><active/>${more}</client>`;
const stream = (name: string, bytesIn: string, inner: string) =>
  `<stream><name>${name}</name><bw_in>0</bw_in><bytes_in>${bytesIn}</bytes_in>${inner}</stream>`;
const document = (streams: string, app = "live") =>
  `<?xml version="1.0" encoding="utf-8" ?><rtmp><nginx_version>1.22.1</nginx_version><pid>19954</pid><uptime>4</uptime>
<server><application><name>${app}</name><live>${streams}<nclients>2</nclients></live></application></server></rtmp>`;
const META = "<meta><video><codec>H264</codec></video><audio><codec>AAC</codec></audio></meta>";

describe("parseNginxStat", () => {
  it("reads publishers and their players", () => {
    const xml = document(stream("p1", "440849", client(3, "<publishing/>") + client(2) + META));

    expect(parseNginxStat(xml)).toEqual({
      childPid: "19954",
      names: new Set(["p1"]),
      publishers: [
        {
          app: "live",
          localName: "p1",
          clientId: "3",
          bytesIn: 440_849,
          videoCodec: "H264",
          audioCodec: "AAC",
          players: [{ clientId: "2", lostFrames: 20 }],
        },
      ],
    });
  });

  it.each(["0123", "1e5", "0x10", "12345678901234567890", "true"])("keeps the name %s a text", (name) => {
    const { publishers } = parseNginxStat(document(stream(name, "1", client(1, "<publishing/>"))));

    expect(publishers[0]?.localName).toBe(name);
  });

  it("counts past 2^31", () => {
    const xml = document(stream("p", "9000000000", client(1, "<publishing/>")));

    expect(parseNginxStat(xml).publishers[0]?.bytesIn).toBe(9_000_000_000);
  });

  it("knows a name that is only waited for, as no publisher", () => {
    const stat = parseNginxStat(document(stream("p", "0", client(1))));

    expect(stat.publishers).toEqual([]);
    expect([...stat.names]).toEqual(["p"]);
  });

  it("takes an audio-only publisher's empty video for none", () => {
    const meta = "<meta><video><width>0</width><height>0</height></video><audio><codec>AAC</codec></audio></meta>";
    const { publishers } = parseNginxStat(document(stream("p", "1", client(1, "<publishing/>") + meta)));

    expect(publishers[0]).toMatchObject({ videoCodec: null, audioCodec: "AAC" });
  });

  it.each(["", "<html></html>", "<rtmp></rtmp>", "not xml"])("throws for %j", (text) => {
    expect(() => parseNginxStat(text)).toThrow();
  });
});
