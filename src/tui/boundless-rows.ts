/**
 * The same stream, which says that it has endless rows. ink clears the terminal's scrollback (the user's shell history)
 * when its output was as high as the terminal, which a shrinking terminal makes true; our tree keeps inside by itself.
 */
export function boundlessRows(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  return new Proxy(stdout, {
    get(target, name) {
      if (name === "rows") return Number.POSITIVE_INFINITY;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
