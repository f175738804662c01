import { RigError } from "../../src/domain/errors.ts";
import type { DestinationInput } from "../../src/services/destinations.ts";

/** The flags that say where a destination is. */
export interface DestinationFlags {
  readonly url?: string;
  readonly service?: string;
  readonly server?: string;
}

/** @returns null where no flag was given. @throws RigError INVALID_INPUT for flags that contradict each other */
export function readDestination({ url, service, server }: DestinationFlags): DestinationInput | null {
  if (url !== undefined && service !== undefined)
    throw new RigError("INVALID_INPUT", "--url and --service exclude each other");
  if (server !== undefined && service === undefined)
    throw new RigError("INVALID_INPUT", "--server belongs to --service");
  if (url !== undefined) return { url };
  if (service === undefined) return null;
  return { service, ...(server !== undefined && { server }) };
}
