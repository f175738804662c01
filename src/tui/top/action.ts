/** What the screen of live streams asks of the world, beside leaving and loading anew. */
export type Action =
  | { readonly kind: "drop"; readonly streamId: string; readonly title: string }
  | { readonly kind: "retry"; readonly destinationIds: readonly string[] };
