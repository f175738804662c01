import type { ReactElement } from "react";
import { Footer } from "./footer.tsx";
import { LiveFrame } from "./live-frame.tsx";
import type { LiveModel, Mode } from "./model.ts";

type Part<Model> = (props: { model: Model }) => ReactElement;

/** What a screen is made of. */
interface LiveParts<Model> {
  readonly Heading: Part<Model>;
  readonly List: Part<Model>;
  readonly Details: Part<Model>;
  readonly Help: Part<Model>;
  /** What the last line says of the keys, the most important first. */
  readonly keys: Readonly<Record<"list" | "details", readonly string[]>>;
}

interface LiveViewProps<Model> {
  readonly model: Model;
  readonly onKey: (key: string) => void;
  readonly parts: LiveParts<Model>;
}

const HELP_KEYS = ["any key goes back", "q quit"];

/** A whole screen: the model in, the names of keys out. */
export function LiveView<Model extends LiveModel<never, unknown>>(props: LiveViewProps<Model>): ReactElement {
  const { model, onKey, parts } = props;
  const { Heading, List, Details, Help } = parts;
  const bodies: Readonly<Record<Mode, Part<Model>>> = {
    list: List,
    filter: List,
    ask: List,
    details: Details,
    help: Help,
  };
  const Body = bodies[model.mode];
  return (
    <LiveFrame
      size={model.size}
      onKey={onKey}
      heading={<Heading model={model} />}
      footer={<Footer model={model} keys={{ ...parts.keys, help: HELP_KEYS, filter: [], ask: [] }} />}
    >
      <Body model={model} />
    </LiveFrame>
  );
}
