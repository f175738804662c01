import { Secret } from "../domain/secret.ts";
import type { DemoPorts } from "./demo-ports.ts";

/** A user with one stream and a destination for each URL, in the same order. */
export interface TemporaryStream {
  readonly streamId: string;
  readonly streamKey: Secret;
  readonly destinationIds: readonly string[];
}

type Ports = Pick<DemoPorts, "users" | "streams" | "destinations" | "actor" | "random">;

const suffix = ({ random }: Ports): string => Math.floor(random() * 36 ** 6).toString(36);

/**
 * Makes them, works with them, and removes stream and user again, however the work ends.
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
  const undo: (() => Promise<void>)[] = [() => users.remove(user.id, actor)];
  const removeAll = async () => {
    for (const remove of undo) await remove();
  };
  let result: T;
  try {
    const { stream, streamKey } = await streams.add({ user: user.id, title: "rig demo" }, actor);
    undo.unshift(() => streams.remove(stream.id, actor));
    const destinationIds: string[] = [];
    for (const [index, url] of urls.entries())
      destinationIds.push((await destinations.add(stream.id, { url }, new Secret(`demo-${index}`), actor)).id);
    result = await work({ streamId: stream.id, streamKey, destinationIds });
  } catch (error) {
    await removeAll().catch(() => {}); // the first error says more
    throw error;
  }
  await removeAll();
  return result;
}
