import type { ReactElement } from "react";
import { Footer } from "../live/footer.tsx";
import { LiveFrame } from "../live/live-frame.tsx";
import type { Mode } from "../live/model.ts";
import { Details } from "./details.tsx";
import { Heading } from "./heading.tsx";
import { Help } from "./help.tsx";
import { List } from "./list.tsx";
import type { TokensModel } from "./model.ts";

const BODY: Readonly<Record<Mode, (props: { model: TokensModel }) => ReactElement>> = {
  list: List,
  filter: List,
  ask: List,
  details: Details,
  help: Help,
};

const KEYS: Readonly<Record<Mode, readonly string[]>> = {
  list: [
    ...["? help", "q quit", "/ filter", "s sort", "Enter details", "f freeze", "j k move", "I invert"],
    "+ - refresh",
  ],
  details: ["Escape back", "j k move", "q quit"],
  help: ["any key goes back", "q quit"],
  filter: [],
  ask: [],
};

/** The whole screen `rig tokens top`: the model in, the names of keys out. */
export function TokensTop({ model, onKey }: { model: TokensModel; onKey: (key: string) => void }): ReactElement {
  const Body = BODY[model.mode];
  return (
    <LiveFrame
      size={model.size}
      onKey={onKey}
      heading={<Heading model={model} />}
      footer={<Footer model={model} keys={KEYS} />}
    >
      <Body model={model} />
    </LiveFrame>
  );
}
