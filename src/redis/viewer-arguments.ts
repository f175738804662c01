import type { ViewerOperation } from "../domain/viewer-operation.ts";
import { type EndedBy, NO_DETAILS, publicIdOf } from "../domain/viewer-session.ts";
import type { ViewerSessionName } from "../services/viewer-session-store.ts";

/** What the script is told, in its order. `now` null: Redis's own time counts. */
export const viewerArguments = (
  { name }: ViewerSessionName,
  operations: readonly ViewerOperation[],
  now: number | null,
): readonly string[] => [
  numberOrNone(now),
  name === null ? "" : JSON.stringify(wellFormed(name)),
  ...operations.flatMap(argumentsOf),
];

/** Of one operation: the script counts them. */
function argumentsOf(operation: ViewerOperation): readonly string[] {
  const { limit, expiryMs, perDevice, perContent, policy } = operation.rules;
  const asked = askedOf(operation);
  return [
    ...[operation.do, asked.tokenHash ?? "", asked.publicId ?? ""],
    ...[String(limit), String(expiryMs), numberOrNone(perDevice), numberOrNone(perContent), policy],
    ...[textOrNone(asked.device), textOrNone(asked.content), asked.details ?? "", asked.by ?? ""],
    JSON.stringify(asked.note ?? null),
  ];
}

interface Asked {
  readonly tokenHash?: string;
  readonly publicId?: string | null;
  readonly device?: string | null;
  readonly content?: string | null;
  /** What follows in the token's row. */
  readonly details?: string;
  /** What follows in the row of one that ends. */
  readonly by?: string;
  readonly note?: string | null;
}

function askedOf(operation: ViewerOperation): Asked {
  switch (operation.do) {
    case "create": {
      const { tokenHash, details, evict } = operation;
      const { device, content, label, address } = details;
      return {
        ...{ tokenHash, publicId: evict, device, content },
        details: details === NO_DETAILS ? "" : row([device, content, label, address]),
        by: endedBy({ publicId: publicIdOf(operation), device, label, address }),
      };
    }
    case "refresh":
      return { tokenHash: operation.tokenHash };
    case "stop":
      return operation.which;
    case "evict":
      return { publicId: operation.publicId, note: operation.note, by: endedBy(operation.by) };
    case "list":
      return {};
  }
}

const endedBy = ({ publicId, device, label, address }: EndedBy): string => row([publicId, device, label, address]);
const row = (fields: readonly (string | null)[]): string => `,${JSON.stringify(fields).slice(1, -1)}`;
const numberOrNone = (value: number | null): string => (value === null ? "" : String(value));
const textOrNone = (value: string | null | undefined): string => (value == null ? "" : `=${value}`);
// cjson reads no half of a surrogate pair; the session's key tells one from another no more than this.
const wellFormed = (name: string): string => name.replace(/\p{Cs}/gu, "\ufffd");
