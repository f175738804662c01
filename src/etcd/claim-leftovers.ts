import type { ProcessLease } from "./process-lease.ts";

// A claim whose answer never came may still land: a frozen etcd works off what was sent when it wakes. Eight beats are 16 s.
const BEATS_OF_DOUBT = 8;

/** Claims of this process that nobody wants: they would keep their stream from everybody as long as the lease lives. */
export interface ClaimLeftovers {
  /** Its release did not come through: released at the next beat that etcd answers. */
  unreleased(streamId: string, publishId: string): void;
  /** It was refused for want of an answer: released should it turn up. */
  doubtful(streamId: string, publishId: string): void;
  /** It is wanted after all. */
  forget(publishId: string): void;
}

/** Lets go of them beside the beats of the lease. */
export function claimLeftovers(
  lease: Pick<ProcessLease, "onBeat">,
  release: (streamId: string, publishId: string) => Promise<void>,
): ClaimLeftovers {
  const leftovers = new Map<string, { streamId: string; beats: number }>();
  lease.onBeat(async () => {
    for (const [publishId, leftover] of [...leftovers]) {
      await release(leftover.streamId, publishId);
      leftover.beats -= 1;
      if (leftover.beats <= 0) leftovers.delete(publishId);
    }
  });
  return {
    unreleased: (streamId, publishId) => void leftovers.set(publishId, { streamId, beats: 1 }),
    doubtful: (streamId, publishId) => void leftovers.set(publishId, { streamId, beats: BEATS_OF_DOUBT }),
    forget: (publishId) => void leftovers.delete(publishId),
  };
}
