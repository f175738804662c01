import { createRequire } from "node:module";
import type pg from "pg";

// To learn whether it runs on Cloudflare, pg looks at `navigator` and, where there is none, at `Response`. Node 20 has the
// latter alone, and loads its HTTP client (30 ms) for it. So pg finds the `navigator` that later Nodes bring.
if (!("navigator" in globalThis))
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: `Node.js/${process.versions.node}` } });

/** The pg package. By `require`: for an `import` Node first reads a CommonJS package through for what it exports (20 ms). */
export const driver: typeof pg = createRequire(import.meta.url)("pg");
