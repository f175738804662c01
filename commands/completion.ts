import type { Command } from "commander";
import { invalidInput } from "../src/domain/errors.ts";
import { writeData } from "../src/runtime/cli/write.ts";

/** Words that may follow a command, by the words before it: `streams` → `add list …`. */
type Words = ReadonlyMap<string, readonly string[]>;

/** `rig completion bash|zsh|fish` */
export async function run(program: Command, shell: string): Promise<void> {
  const write = SCRIPTS[shell];
  if (!write) throw invalidInput("shell", `must be bash, zsh or fish, got ${JSON.stringify(shell)}`);
  await writeData(write(wordsOf(program)));
}

function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string) => {
    const below = command.commands.map((child) => child.name());
    const flags = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
    words.set(path, [...below, ...new Set([...flags, "--help"])]);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, "");
  return words;
}

const SCRIPTS: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_rig() {
  local path= word candidates
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || path="$path\${path:+ }$word"; done
  case $path in
${[...words].map(([path, next]) => `    ${JSON.stringify(path)}) candidates=${JSON.stringify(next.join(" "))} ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _rig rig
`,
  zsh: (words) => `#compdef rig
autoload -U +X bashcompinit && bashcompinit
${SCRIPTS.bash?.(words)}`,
  fish: (words) =>
    [...words]
      .map(([path, next]) => {
        const condition =
          path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1)}`;
        const plain = next.filter((word) => !word.startsWith("-"));
        const flags = next.filter((word) => word.startsWith("--")).map((word) => ` -l ${word.slice(2)}`);
        return `complete -c rig -n '${condition}' -a '${plain.join(" ")}'\n${flags
          .map((flag) => `complete -c rig -n '${condition}'${flag}\n`)
          .join("")}`;
      })
      .join(""),
};
