/**
 * A port whose adapter is loaded at the first call of one of its methods, all of which answer with promises: a command
 * that never asks etcd never loads its client (3 times Node's own start). A failed load is tried again at the next call.
 */
export function deferred<Port extends object>(load: () => Promise<Port>): Port {
  let loading: Promise<Port> | null = null;
  const loaded = () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  return new Proxy({} as Port, {
    get: (_, name) => {
      if (name === "then") return undefined; // else `await port` would take it for a promise
      return async (...input: unknown[]) => {
        const port = (await loaded()) as Record<string | symbol, (...input: unknown[]) => unknown>;
        return port[name]?.(...input);
      };
    },
  });
}
