/** Ends a stream. Ended before it is cancelled: of one that is still writable etcd3 takes a cancel for a failed host. */
export function hangUp(stream: { end(): void; cancel(): void }): void {
  stream.end();
  stream.cancel();
}
