export { type Context, openContext } from "./context/open-context.ts";
