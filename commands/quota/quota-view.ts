import type { User } from "../../src/domain/user.ts";
import type { UserQuota } from "../../src/domain/user-quota.ts";
import type { View } from "../../src/runtime/cli/output.ts";

/** A user's own limits of viewer tokens in a few words: `3, 1 a device`; `-` for none. */
export function viewerTokensText({ viewerTokens, viewerTokensPerDevice, viewerTokensPerContent }: UserQuota): string {
  const parts = [
    viewerTokens === null ? [] : `${viewerTokens}`,
    viewerTokensPerDevice === null ? [] : `${viewerTokensPerDevice} a device`,
    viewerTokensPerContent === null ? [] : `${viewerTokensPerContent} a content`,
  ];
  return parts.flat().join(", ") || "-";
}

const most = (value: number | null): string => (value === null ? "none" : `${value}`);

/** How a user's quota is printed. */
export const quotaView: View<User> = {
  columns: [
    { head: "USER", cell: ({ username }) => username },
    { head: "VIEWER TOKENS", cell: ({ quota }) => most(quota.viewerTokens) },
    { head: "PER DEVICE", cell: ({ quota }) => most(quota.viewerTokensPerDevice) },
    { head: "PER CONTENT", cell: ({ quota }) => most(quota.viewerTokensPerContent) },
  ],
  json: ({ id, username, quota }) => ({ id, username, quota }),
  name: ({ username }) => username,
};
