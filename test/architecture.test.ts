import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findImports, type Import } from "./support/find-imports.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The import map of ARCHITECTURE.md: which room may import which, besides itself. Type-only imports count. */
const ADAPTER = ["domain", "services", "runtime", "config", "rtmp"];
const ROLE = ["domain", "services", "api", "runtime", "config"];
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  services: ["domain"],
  api: ["domain", "services", "runtime", "config"],
  runtime: ["domain"],
  config: ["domain", "runtime"],
  rtmp: [],
  db: ADAPTER,
  etcd: ADAPTER,
  redis: ADAPTER,
  ingest: ADAPTER,
  ffmpeg: ADAPTER,
  notify: ADAPTER,
  server: ROLE,
  worker: ROLE,
  agent: ROLE,
  embedded: ["domain", "runtime", "config"],
  demo: ["domain", "services", "rtmp", "runtime", "config"],
  tui: ["domain"],
  commands: ["context", "demo", "tui", "runtime", "config", "domain", "services (types)"],
};

/** Packages that only these rooms (or folders) may import. */
const ONLY_IN: Record<string, readonly string[]> = {
  pg: ["src/db/"],
  etcd3: ["src/etcd/"],
  ioredis: ["src/redis/"],
  koa: ["src/server/", "src/agent/"],
  "@koa/router": ["src/server/", "src/agent/"],
  ink: ["src/tui/", "commands/"],
  react: ["src/tui/", "commands/"],
  commander: ["commands/", "src/runtime/cli/"],
  "cli-table3": ["src/runtime/cli/"],
  ora: ["src/runtime/cli/"],
};

const PROCESS_WIDE =
  /\bprocess\s*\.\s*(env|argv|exit|on|once)\b|\bimport\s*\{[^}]*\b(env|argv|exit)\b[^}]*\}\s*from\s*"node:process"/g;

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const sources: SourceFile[] = ["src", "commands"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((f) => join(folder, f)),
  )
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, room: roomOf(path), text, imports: findImports(text) };
  });

/** `src/db/users.ts` is in db, `src/context/up.ts` in context, `commands/up.ts` in commands. */
function roomOf(path: string): string {
  const [top, next = ""] = path.split("/");
  return top === "src" ? next.replace(/\.tsx?$/, "") : (top ?? "");
}

const isRelative = (specifier: string) => specifier.startsWith(".");
const targetOf = (file: SourceFile, specifier: string) =>
  relative(ROOT, join(ROOT, dirname(file.path), specifier)).replaceAll("\\", "/");

/** `@scope/name/deep` → `@scope/name`, `name/deep` → `name`. */
const packageOf = (specifier: string) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

function forbidden(file: SourceFile, { specifier, typeOnly }: Import): boolean {
  const room = roomOf(targetOf(file, specifier));
  if (file.room === "context" || room === file.room) return false;
  const allowed = MAY_IMPORT[file.room] ?? [];
  return !allowed.includes(room) && !(typeOnly && allowed.includes(`${room} (types)`));
}

const crossings = (offends: (file: SourceFile, found: Import) => boolean) =>
  sources.flatMap((file) =>
    file.imports.filter((found) => offends(file, found)).map((found) => `${file.path} imports ${found.specifier}`),
  );

/** One cycle as `a -> b -> a`, or null. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): string | null {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(" -> ");
    if (done.has(path)) return null;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

describe("the rooms of src/", () => {
  it("are all on the import map", () => {
    const unknown = new Set(
      sources.map((file) => file.room).filter((room) => !(room in MAY_IMPORT) && room !== "context"),
    );

    expect([...unknown]).toEqual([]);
  });

  it("import only the rooms they may", () => {
    expect(crossings((file, found) => isRelative(found.specifier) && forbidden(file, found))).toEqual([]);
  });

  it("have no import cycle", () => {
    const edges = new Map(
      sources.map((file) => [
        file.path,
        file.imports.filter((found) => isRelative(found.specifier)).map((found) => targetOf(file, found.specifier)),
      ]),
    );

    expect(findCycle(edges)).toBeNull();
    expect(
      findCycle(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toBe("b -> c -> b");
  });

  it("spell every relative import with its ending", () => {
    expect(crossings((_file, { specifier }) => isRelative(specifier) && !/\.(tsx?|json)$/.test(specifier))).toEqual([]);
  });
});

describe("packages", () => {
  it("stay in the rooms that own them", () => {
    const strays = crossings((file, { specifier }) => {
      const folders = ONLY_IN[packageOf(specifier)];
      return folders !== undefined && !folders.some((folder) => file.path.startsWith(folder));
    });

    expect(strays).toEqual([]);
  });

  it("and node: modules are not needed by domain and services", () => {
    const outside = crossings(
      (file, { specifier }) => ["domain", "services"].includes(file.room) && !isRelative(specifier),
    );

    expect(outside).toEqual([]);
  });
});

describe("the process", () => {
  it("has its environment, arguments, signals and exit touched in config and runtime alone", () => {
    const touched = sources
      .filter((file) => !["config", "runtime"].includes(file.room))
      .flatMap((file) =>
        [...withoutComments(file.text).matchAll(PROCESS_WIDE)].map((hit) => `${file.path}: ${hit[0]}`),
      );

    expect(touched).toEqual([]);
  });
});

describe("files", () => {
  it("are named in kebab-case and at most 300 lines long", () => {
    const bad = sources
      .filter(({ path, text }) => !/^[a-z0-9/-]+\.tsx?$/.test(path) || text.split("\n").length > 301)
      .map(({ path, text }) => `${path} (${text.split("\n").length} lines)`);

    expect(bad).toEqual([]);
  });
});

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
