import type pg from "pg";
import { driver } from "./driver.ts";

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/**
 * Ends a connection that could not be opened. The pool leaves that to PostgreSQL, which waits a minute for a sign-in that we
 * gave up, for want of a password say; until then this process could not end.
 */
export class TidyClient extends driver.Client {
  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): unknown {
    const opened = super.connect().catch((error: Error) => {
      void this.end().catch(() => {}); // the first error counts
      throw error;
    });
    if (!callback) return opened;
    const tell = callback as (error: Error | null) => void;
    return opened.then(() => tell(null), tell);
  }
}
