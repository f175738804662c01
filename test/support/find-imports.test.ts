import { expect, it } from "vitest";
import { findImports } from "./find-imports.ts";

it("finds static, side-effect, type-only, re-exported and dynamic imports over several lines", () => {
  const source = [
    'import a, { b } from "a";',
    'import "side-effect";',
    'import type { T } from "./types.ts";',
    "import {",
    "  one,",
    "  type Two,",
    '} from "../two.ts";',
    'export { x } from "x";',
    'export * from "star";',
    'export type { Y } from "y";',
    'const late = await import("late");',
  ].join("\n");

  expect(findImports(source)).toEqual([
    { specifier: "a", typeOnly: false },
    { specifier: "side-effect", typeOnly: false },
    { specifier: "./types.ts", typeOnly: true },
    { specifier: "../two.ts", typeOnly: false },
    { specifier: "x", typeOnly: false },
    { specifier: "star", typeOnly: false },
    { specifier: "y", typeOnly: true },
    { specifier: "late", typeOnly: false },
  ]);
});

it("takes no text for an import that is not one", () => {
  expect(
    findImports('// import x from "x";\n/* import "y"; */\nexport const from = "z";\nconst s = "import";'),
  ).toEqual([]);
});
