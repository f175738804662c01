import { createServer } from "node:net";
import { RigError } from "../domain/errors.ts";
import { portHolder } from "./port-holder.ts";

interface PortWish {
  /** 0 for any free one. */
  readonly port: number;
  readonly host: string;
  /** True where somebody set it: then a busy port is an error, else another one is taken. */
  readonly explicit: boolean;
  /** The setting's name, for the error. */
  readonly setting: string;
}

/**
 * A port that can be listened on now: the wished one, or a free one where that is busy and was only a default.
 * @throws RigError PORT_IN_USE that names the process which holds an explicit one
 */
export async function choosePort({ port, host, explicit, setting }: PortWish): Promise<number> {
  try {
    return await tryPort(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && !explicit) return tryPort(0, host);
    if (code === "EADDRINUSE") throw await portTaken({ port, host, setting }, error);
    if (code === "EACCES")
      throw new RigError("PORT_IN_USE", `${setting}: this user may not listen on port ${port}`, {
        cause: error,
        hint: "Ports below 1024 are reserved for root; choose a higher one.",
      });
    throw new RigError("INVALID_SETTING", `${setting}: cannot listen on ${host}:${port} (${code})`, { cause: error });
  }
}

/** The error for a port that another process holds, which it names. Never rejects. */
export async function portTaken(
  { port, host, setting }: Omit<PortWish, "explicit">,
  cause: unknown,
): Promise<RigError> {
  return new RigError("PORT_IN_USE", `${setting}: port ${port} on ${host} is taken by ${await portHolder(port)}`, {
    cause,
    hint: `Stop that process, or choose another ${setting} (0 takes a free one).`,
  });
}

/** Listens for a moment. @returns the port it got */
function tryPort(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: host.replace(/^\[(.*)\]$/, "$1"), exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
