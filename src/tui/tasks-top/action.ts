/** What the screen of tasks asks of the world, beside leaving and loading anew. */
export type Action =
  | { readonly kind: "cancel"; readonly taskId: string }
  | { readonly kind: "redrive"; readonly taskKind: string }
  | { readonly kind: "pause"; readonly taskKind: string }
  | { readonly kind: "resume"; readonly taskKind: string };
