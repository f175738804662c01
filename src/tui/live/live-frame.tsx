import { Box, useInput } from "ink";
import type { ReactElement, ReactNode } from "react";
import { keyNames } from "./keys.ts";
import { type Size, screenHeight } from "./model.ts";

interface LiveFrameProps {
  readonly size: Size;
  readonly onKey: (key: string) => void;
  readonly heading: ReactElement;
  readonly footer: ReactElement;
  readonly children: ReactNode;
}

/** The frame of a live screen: heading, body, last line; the names of keys out. */
export function LiveFrame({ size, onKey, heading, footer, children }: LiveFrameProps): ReactElement {
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name);
  });
  return (
    <Box flexDirection="column" width={size.columns} height={screenHeight({ size })}>
      {heading}
      <Box flexDirection="column" flexGrow={1}>
        {children}
      </Box>
      {footer}
    </Box>
  );
}
