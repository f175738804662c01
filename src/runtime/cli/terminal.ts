/** True where a person sits: a terminal on both ends, and no CI. Only then may a screen or a spinner be drawn. */
export const isInteractive = (): boolean =>
  process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.CI !== "true";

/** True where stderr is a terminal, so that progress can be drawn there while stdout is piped. */
export const canShowProgress = (): boolean =>
  process.stderr.isTTY === true && process.env.CI !== "true" && process.env.TERM !== "dumb";
