import type { ViewerActivity } from "../domain/viewer-activity.ts";
import { type LivePorts, showLiveScreen } from "./live/show-live-screen.tsx";
import { initialModel } from "./tokens-top/model.ts";
import { TokensTop } from "./tokens-top/tokens-top.tsx";
import { update } from "./tokens-top/update.ts";

export interface TokensTopPorts extends LivePorts {
  /** What the servers say now. May reject: the screen says "STALE" and tries again. */
  load(): Promise<ViewerActivity>;
}

/**
 * Shows what the servers of viewer tokens answer, and for whom most, until `q`, Ctrl-C or the signal; the terminal is then
 * as it was before.
 * @throws what drawing threw, after the terminal was restored
 */
export const showTokensTop = (ports: TokensTopPorts): Promise<void> =>
  showLiveScreen(
    {
      begin: initialModel,
      update,
      draw: (model, onKey) => <TokensTop model={model} onKey={onKey} />,
      load: () => ports.load(),
      perform: async () => "",
    },
    ports,
  );
