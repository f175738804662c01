/** An instant (ms since the epoch) as pg takes it for a timestamptz. */
export const toDate = (at: number | null): Date | null => (at === null ? null : new Date(at));
