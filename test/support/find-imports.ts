/** One import or re-export of a module. */
export interface Import {
  readonly specifier: string;
  /** `import type …`, `export type … from`, or a type query `import("…").T` cannot be told apart: the last counts as code. */
  readonly typeOnly: boolean;
}

const STATIC = /^[ \t]*(import|export)\s+(type\s+)?(?:[\w*$\s{},]+?\s+from\s+)?"([^"\n]+)"/gm;
const DYNAMIC = /\bimport\(\s*"([^"\n]+)"\s*\)/g;

/** Finds a source file's imports by their text: static, re-exported and dynamic ones. Comments at a line's start are left out. */
export function findImports(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm, "");
  return [
    ...[...code.matchAll(STATIC)].map((hit) => ({ specifier: hit[3] ?? "", typeOnly: hit[2] !== undefined })),
    ...[...code.matchAll(DYNAMIC)].map((hit) => ({ specifier: hit[1] ?? "", typeOnly: false })),
  ];
}
