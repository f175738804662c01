/* Enums of rpc.proto by their numbers, as the store calls them. An unknown number reads as the first. */

export const SORT_ORDERS = ["none", "ascend", "descend"] as const;
export const SORT_TARGETS = ["key", "version", "create", "mod", "value"] as const;
export const COMPARISONS = ["equal", "greater", "less", "notEqual"] as const;
export const COMPARED = ["version", "create", "mod", "value", "lease"] as const;
