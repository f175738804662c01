// Runs one TypeScript fixture in a process of its own: `node run.js top-fixture.ts`.
import { createJiti } from "jiti";

process.env.NODE_ENV = "production"; // before react is loaded
const jiti = createJiti(import.meta.url, { jsx: { runtime: "automatic" } });
await jiti.import(new URL(process.argv[2], import.meta.url).href);
