import { liveOf } from "../../src/domain/viewer-activity.ts";
import { type EndedViewer, publicIdOf, type ViewerDetails, type ViewerToken } from "../../src/domain/viewer-session.ts";
import { formatOf, type OutputFlags, printOne, printRows, type View } from "../../src/runtime/cli/output.ts";
import { writeData } from "../../src/runtime/cli/write.ts";
import type { SessionStatus } from "../../src/services/viewer-admin.ts";

const iso = (at: number): string => new Date(at).toISOString();
const orDash = (text: string | null): string => text ?? "-";

/** Null, each of them, where no token lives. */
function timesOf({ tokens }: SessionStatus) {
  const created = tokens.map(({ createdAt }) => createdAt);
  const of = (choose: (...each: number[]) => number, instants: readonly number[]) =>
    instants.length > 0 ? iso(choose(...instants)) : null;
  return {
    oldestAt: of(Math.min, created),
    newestAt: of(Math.max, created),
    nextExpiryAt: of(
      Math.min,
      tokens.map(({ expiresAt }) => expiresAt),
    ),
  };
}

/** What stands for a session where its name is too long to be kept. */
const nameOf = ({ key, name }: Pick<SessionStatus, "key" | "name">): string => name ?? `--key ${key}`;

/** How sessions are listed; scripts rely on the JSON. */
export const sessionView: View<SessionStatus> = {
  columns: [
    { head: "SESSION", cell: nameOf },
    { head: "LIVE", cell: ({ tokens, limit }) => liveOf(tokens.length, limit ?? null), align: "right" },
    { head: "OLDEST", cell: (session) => orDash(timesOf(session).oldestAt) },
    { head: "NEWEST", cell: (session) => orDash(timesOf(session).newestAt) },
    { head: "NEXT EXPIRY", cell: (session) => orDash(timesOf(session).nextExpiryAt) },
  ],
  json: (session) => ({
    ...{ session: session.name, key: session.key, live: session.tokens.length, limit: session.limit ?? null },
    ...timesOf(session),
  }),
  name: ({ key }) => key,
};

const tokenView: View<ViewerToken> = {
  columns: [
    { head: "TOKEN", cell: publicIdOf },
    { head: "DEVICE", cell: ({ details }) => orDash(details.device) },
    { head: "CONTENT", cell: ({ details }) => orDash(details.content) },
    { head: "LABEL", cell: ({ details }) => orDash(details.label) },
    { head: "ADDRESS", cell: ({ details }) => orDash(details.address) },
    { head: "CREATED", cell: ({ createdAt }) => iso(createdAt) },
    { head: "EXPIRES", cell: ({ expiresAt }) => iso(expiresAt) },
  ],
  json: (token) => ({
    ...{ id: publicIdOf(token), ...detailsOf(token.details) },
    ...{ createdAt: iso(token.createdAt), expiresAt: iso(token.expiresAt) },
  }),
  name: publicIdOf,
};

/** Named one by one: what else a store may know of a token stays there. */
const detailsOf = ({ device, content, label, address }: ViewerDetails) => ({ device, content, label, address });

const endedView: View<EndedViewer> = {
  columns: [
    { head: "ENDED TOKEN", cell: publicIdOf },
    { head: "ENDED", cell: ({ endedAt }) => iso(endedAt) },
    { head: "WHY", cell: ({ cause }) => cause },
    {
      head: "BY",
      cell: ({ by }) => (by ? [by.publicId, by.label, by.device, by.address].find((each) => each) : null) ?? "-",
    },
    { head: "NOTE", cell: ({ note }) => orDash(note) },
  ],
  json: (ended) => ({
    ...{ id: publicIdOf(ended), endedAt: iso(ended.endedAt), cause: ended.cause, note: ended.note },
    by: ended.by && {
      id: ended.by.publicId,
      device: ended.by.device,
      label: ended.by.label,
      address: ended.by.address,
    },
  }),
  name: publicIdOf,
};

const sessionDetailView: View<SessionStatus> = {
  ...sessionView,
  columns: [...sessionView.columns, { head: "KEY", cell: ({ key }) => key }],
  json: (session) => ({
    ...sessionView.json(session),
    tokens: session.tokens.map(tokenView.json),
    ended: session.ended.map(endedView.json),
  }),
};

/** Prints one session with its tokens and with those that were ended: three tables, or one object; `-o name`: its tokens. */
export async function printSession(session: SessionStatus, flags: OutputFlags): Promise<void> {
  const format = formatOf(flags);
  if (format === "name") return printRows(session.tokens, tokenView, flags);
  await printOne(session, sessionDetailView, flags);
  if (format !== "table") return;
  if (session.tokens.length > 0) {
    await writeData("\n");
    await printRows(session.tokens, tokenView, flags);
  }
  if (session.ended.length === 0) return;
  await writeData("\n");
  await printRows(session.ended.toReversed(), endedView, flags);
}
