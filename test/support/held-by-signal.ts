import { getEventListeners } from "node:events";

/** What hangs on a signal that lives on: its listeners, and the entries that AbortSignal.any leaves on it (Node 20). */
export function heldBySignal(signal: AbortSignal): number {
  const dependants = Object.getOwnPropertySymbols(signal).find((name) => name.description === "kDependantSignals");
  const { size = 0 } = (dependants && Reflect.get(signal, dependants)) ?? {};
  return size + getEventListeners(signal, "abort").length;
}
