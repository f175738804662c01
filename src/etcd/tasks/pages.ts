import type { Etcd } from "../client.ts";
import type { KeyValue } from "../operation.ts";
import { rangeEnd } from "../wire.ts";

interface PageOptions {
  readonly keysOnly?: boolean;
  /** How many keys one answer may carry. */
  readonly limit?: number;
  /** Stops in front of this key; at the folder's end where it is left out. */
  readonly before?: string;
}

const INDEX_PAGE = 1_000; // index entries of at most 2 KiB: 2 MiB an answer

/** What a folder holds, page by page, each as it is when it is asked for; stops asking when the reader does. */
export async function* pagesOf(
  etcd: Pick<Etcd, "page">,
  folder: string,
  { keysOnly = false, limit = INDEX_PAGE, before = rangeEnd(folder).toString() }: PageOptions = {},
): AsyncGenerator<readonly KeyValue[], void, void> {
  for (let from = folder; ; ) {
    const page = await etcd.page({ from, before, limit, keysOnly });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last) return; // a short page may be one of keys that are no text
    from = `${last.key}\0`;
  }
}
