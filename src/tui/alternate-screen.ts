/** Where a screen is drawn. */
export interface Terminal {
  write(text: string): unknown;
}

const CLEAR = "\u001b[H\u001b[2J"; // cursor home, clear
const ENTER = `\u001b[?1049h${CLEAR}`; // alternate buffer
const LEAVE = "\u001b[?25h\u001b[?1049l"; // show the cursor, back to the main buffer

/** Wipes what a resize left, cursor home. */
export const clearScreen = (terminal: Terminal): void => {
  terminal.write(CLEAR);
};

/**
 * Runs `show` on the terminal's alternate screen and restores the main one, cursor shown, however it ends.
 * @param atExit calls back when the process ends without coming back here (an uncaught error elsewhere);
 *   returns how to call that off
 */
export async function onAlternateScreen<T>(
  terminal: Terminal,
  atExit: (restore: () => void) => () => void,
  show: () => Promise<T>,
): Promise<T> {
  let entered = true;
  const restore = () => {
    if (entered) terminal.write(LEAVE);
    entered = false;
  };
  const callOff = atExit(restore);
  terminal.write(ENTER);
  try {
    return await show();
  } finally {
    restore();
    callOff();
  }
}
