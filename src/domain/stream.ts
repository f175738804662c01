import { invalidInput } from "./errors.ts";

/** A user's lasting configuration: its stream keys and destinations hang on its id. */
export interface Stream {
  readonly id: string;
  readonly userId: string;
  readonly title: string;
  readonly createdAt: number;
  /** Goes up by one with each change of its destinations; an agent that has seen less asks again. */
  readonly revision: number;
}

/** A stream key as it is stored: only its SHA-256 is kept. */
export interface StreamKey {
  readonly id: string;
  readonly streamId: string;
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** @throws RigError INVALID_INPUT */
export function checkTitle(title: string): string {
  if (title.trim() === "" || title.length > 200)
    throw invalidInput("title", `must be 1-200 characters, got ${title.length}`);
  return title;
}
