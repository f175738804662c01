import type { ViewerOperation } from "../domain/viewer-operation.ts";
import { type EndedBy, NO_DETAILS, publicIdOf, type ViewerDetails } from "../domain/viewer-session.ts";
import type { ViewerSessionName } from "../services/viewer-session-store.ts";

/** What the script is told, in its order. `now` null: Redis's own time counts. */
export function viewerArguments(
  { name }: ViewerSessionName,
  operations: readonly ViewerOperation[],
  now: number | null,
): readonly string[] {
  const args = [now === null ? "" : String(now), name === null ? "" : JSON.stringify(wellFormed(name))];
  for (const operation of operations) {
    const { limit, expiryMs } = operation.rules;
    args.push(operation.do, hashOf(operation), String(limit), String(expiryMs));
    args.push(operation.do === "create" ? detailsRow(operation.details) : "");
    const more = moreOf(operation);
    args.push(more === null ? "" : JSON.stringify(more));
  }
  return args;
}

/** What the script is told beside, where it matters; it reads what is missing as none. */
interface More {
  readonly publicId?: string | undefined;
  readonly perDevice?: number | undefined;
  readonly perContent?: number | undefined;
  readonly policy?: string | undefined;
  readonly device?: string | undefined;
  readonly content?: string | undefined;
  /** What follows in the row of one that ends, and what stands there for the note. */
  readonly by?: string | undefined;
  readonly note?: string | undefined;
}

/** Null for the usual: the script does that at once. */
function moreOf(operation: ViewerOperation): More | null {
  switch (operation.do) {
    case "create":
      return moreOfCreate(operation);
    case "stop":
      return "publicId" in operation.which ? { publicId: operation.which.publicId } : null;
    case "evict": {
      const { publicId, by, note } = operation;
      return { publicId, by: endedBy(by), note: JSON.stringify(note) };
    }
    default:
      return null;
  }
}

function moreOfCreate(create: Extract<ViewerOperation, { readonly do: "create" }>): More | null {
  const { rules, details, evict } = create;
  const { perDevice, perContent, policy } = rules;
  if (policy === "reject" && perDevice === null && perContent === null) return null;
  const { device, content, label, address } = details;
  return {
    ...{ publicId: evict ?? undefined, perDevice: perDevice ?? undefined, perContent: perContent ?? undefined, policy },
    ...{ device: device ?? undefined, content: content ?? undefined },
    by: endedBy({ publicId: publicIdOf(create), device, label, address }),
  };
}

function hashOf(operation: ViewerOperation): string {
  const { tokenHash = "" } = (operation.do === "stop" ? operation.which : operation) as { tokenHash?: string };
  return tokenHash;
}

const detailsRow = (details: ViewerDetails): string =>
  details === NO_DETAILS ? "" : row([details.device, details.content, details.label, details.address]);
const endedBy = ({ publicId, device, label, address }: EndedBy): string => row([publicId, device, label, address]);
const row = (fields: readonly (string | null)[]): string => `,${JSON.stringify(fields).slice(1, -1)}`;
// cjson reads no half of a surrogate pair; the session's key tells one from another no more than this.
const wellFormed = (name: string): string => name.replace(/\p{Cs}/gu, "\ufffd");
