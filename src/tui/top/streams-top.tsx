import type { ReactElement } from "react";
import { LiveFrame } from "../live/live-frame.tsx";
import type { Mode } from "../live/model.ts";
import { Details } from "./details.tsx";
import { TopFooter } from "./footer.tsx";
import { Heading } from "./heading.tsx";
import { Help } from "./help.tsx";
import { List } from "./list.tsx";
import type { TopModel } from "./model.ts";

const BODY: Readonly<Record<Mode, (props: { model: TopModel }) => ReactElement>> = {
  list: List,
  filter: List,
  ask: List,
  details: Details,
  help: Help,
};

/** The whole screen `rig streams top`: the model in, the names of keys out. */
export function StreamsTop({ model, onKey }: { model: TopModel; onKey: (key: string) => void }): ReactElement {
  const Body = BODY[model.mode];
  return (
    <LiveFrame size={model.size} onKey={onKey} heading={<Heading model={model} />} footer={<TopFooter model={model} />}>
      <Body model={model} />
    </LiveFrame>
  );
}
