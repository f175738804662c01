/** Why a publish was refused before a byte of media was taken. */
export type RefusalCode =
  | "STREAM_KEY_UNKNOWN"
  | "STREAM_KEY_REVOKED"
  | "STREAM_KEY_EXPIRED"
  | "USER_DISABLED"
  | "TOO_MANY_TRIES"
  | "STREAM_IN_USE"
  | "NO_SLOTS"
  | "INVALID_INPUT"
  | "ETCD_UNREACHABLE"
  | "SERVER_UNREACHABLE"
  | "DATABASE_UNREACHABLE"
  | "OVERLOADED";

/** Why a publish ended. */
export type PublishEnd =
  | "unpublished"
  | "disconnected"
  | "idle"
  | "dropped"
  | "claim lost"
  | "unconfirmed"
  | "agent stopped"
  | "orphaned";

/** Why an operator or a rule dropped a publish. */
export type DropReason =
  | "operator"
  | "user disabled"
  | "stream key revoked"
  | "stream removed"
  | "quota"
  | "claim lost";
