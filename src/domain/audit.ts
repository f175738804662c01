/** Who acts: an operator by token or CLI, an agent by certificate, a viewer by its session's secret, or rig itself. */
export interface Actor {
  readonly kind: "operator" | "agent" | "viewer" | "system";
  /** Token name, operating-system user, agent id or role name. */
  readonly id: string;
  readonly address?: string;
  readonly requestId?: string;
}

/** One line of the audit trail. `detail` never holds a secret. */
export interface AuditEntry {
  readonly at: number;
  readonly actor: Actor;
  /** `user.add`, `user.disable`, `stream.add`, `destination.edit`, `publish.accept`, `publish.refuse`, … */
  readonly action: string;
  /** Id of what was acted on, or of its owner where it does not exist. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}
