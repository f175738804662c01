import type { Command } from "commander";

/** What a subcommand's file exports. */
interface Subcommand {
  run(options: never, ...operands: never[]): Promise<void>;
}

/**
 * An action whose file is loaded only when it runs: `.action(lazily(() => import("./add.ts")))`. It is called with all
 * options, the global ones included, and then the operands in order.
 */
export const lazily =
  (load: () => Promise<Subcommand>) =>
  async (...input: unknown[]): Promise<void> => {
    const command = input.at(-1) as Command;
    const subcommand = await load();
    await subcommand.run(command.optsWithGlobals() as never, ...(command.processedArgs as never[]));
  };
