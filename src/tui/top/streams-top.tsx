import { Box, useInput } from "ink";
import type { ReactElement } from "react";
import { Details } from "./details.tsx";
import { Footer } from "./footer.tsx";
import { Heading } from "./heading.tsx";
import { Help } from "./help.tsx";
import { keyNames } from "./keys.ts";
import { List } from "./list.tsx";
import { type Mode, screenHeight, type TopModel } from "./model.ts";

const BODY: Readonly<Record<Mode, (props: { model: TopModel }) => ReactElement>> = {
  list: List,
  filter: List,
  drop: List,
  details: Details,
  help: Help,
};

/** The whole screen `rig streams top`: the model in, the names of keys out. */
export function StreamsTop({ model, onKey }: { model: TopModel; onKey: (key: string) => void }): ReactElement {
  const Body = BODY[model.mode];
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name);
  });
  return (
    <Box flexDirection="column" width={model.size.columns} height={screenHeight(model)}>
      <Heading model={model} />
      <Box flexDirection="column" flexGrow={1}>
        <Body model={model} />
      </Box>
      <Footer model={model} />
    </Box>
  );
}
