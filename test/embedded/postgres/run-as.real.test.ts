import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseRunAs } from "../../../src/embedded/postgres/run-as.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "rig-run-as-"));
});

afterEach(() => rm(home, { recursive: true }));

const ORDINARY = { isRoot: false, named: true };

describe("chooseRunAs", () => {
  it("runs it as is for an ordinary user", async () => {
    const { prefix, ids } = await chooseRunAs(home, ORDINARY);

    expect(ids).toBeNull();
    expect(prefix).not.toContain("unshare");
  });

  it("gives a user without a name one, in a namespace, unless those are closed", async () => {
    const open = await chooseRunAs(home, { ...ORDINARY, named: false });
    const closed = await chooseRunAs(home, { ...ORDINARY, named: false, namespaces: false });

    expect(open.ids).toBeNull();
    expect(open.prefix.slice(0, 2)).toEqual(["unshare", "--map-user=65534"]);
    expect(closed.prefix).not.toContain("unshare");
  });

  it("never runs it as root: as nobody where namespaces are closed", async () => {
    expect((await chooseRunAs(home, { isRoot: true, namespaces: false })).ids).toEqual({ uid: 65534, gid: 65534 });
  });

  if (process.getuid?.() === 0)
    it("says what to do where root's own data cannot be run by root any more", async () => {
      await mkdir(join(home, "data"));

      await expect(chooseRunAs(home, { namespaces: false })).rejects.toMatchObject({
        code: "DATA_FOLDER",
        hint: expect.stringContaining("chown"),
      });
    });
});
