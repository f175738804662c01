import { isRigError } from "../domain/errors.ts";
import { Secret } from "../domain/secret.ts";
import type { DemoPorts } from "./demo-ports.ts";

/** A user with one stream and a destination for each URL, in the same order. */
export interface TemporaryStream {
  readonly streamId: string;
  readonly streamKey: Secret;
  readonly destinationIds: readonly string[];
}

type Ports = Pick<DemoPorts, "users" | "streams" | "destinations" | "actor" | "random" | "clock">;

const REMOVE_MS = 30_000; // a publish whose agent is gone is closed by then
const REMOVE_STEP_MS = 250;

const suffix = ({ random }: Ports): string => Math.floor(random() * 36 ** 6).toString(36);

/** Removes the user with all that hangs on it, as soon as no publish is open. @throws RigError */
async function removeUser({ users, actor, clock }: Ports, userId: string): Promise<void> {
  for (const deadline = clock.monotonic() + REMOVE_MS; ; ) {
    try {
      await users.remove(userId, actor);
      return;
    } catch (error) {
      if (!isRigError(error, "CONFLICT") || clock.monotonic() > deadline) throw error;
    }
    await clock.sleep(REMOVE_STEP_MS, new AbortController().signal);
  }
}

/**
 * Makes them, works with them, and removes all of it again, however the work ends.
 * @throws what the work threw; else what removing threw
 */
export async function withTemporaryStream<T>(
  ports: Ports,
  urls: readonly string[],
  work: (stream: TemporaryStream) => Promise<T>,
): Promise<T> {
  const { users, streams, destinations, actor } = ports;
  const username = `demo-${suffix(ports)}`;
  const user = await users.add({ username, email: `${username}@demo.invalid` }, actor);
  let result: T;
  try {
    const { stream, streamKey } = await streams.add({ user: user.id, title: "rig demo" }, actor);
    const destinationIds: string[] = [];
    for (const [index, url] of urls.entries())
      destinationIds.push((await destinations.add(stream.id, { url }, new Secret(`demo-${index}`), actor)).id);
    result = await work({ streamId: stream.id, streamKey, destinationIds });
  } catch (error) {
    await removeUser(ports, user.id).catch(() => {}); // the first error says more
    throw error;
  }
  await removeUser(ports, user.id);
  return result;
}
