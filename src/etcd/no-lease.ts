import { RigError } from "../domain/errors.ts";
import type { ProcessLease } from "./process-lease.ts";

/** For a process that owns nothing in etcd (the command line, the server): its leased puts are refused. */
export const noLease: ProcessLease = {
  processId: "",
  isSure: () => false,
  onRegranted: () => () => {},
  onBeat: () => () => {},
  guard: () => {
    throw new RigError("LEASE_LOST", "etcd: this process holds no lease");
  },
  token: () => "",
  suspect: () => {},
  close: async () => {},
};
