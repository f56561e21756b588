// `sluice completion`: a script that lets bash complete commands and flags.
import type { Command } from 'commander'
import { settingTable } from '../target/setting-table.ts'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command.argument('[shell]', 'bash', 'bash').action((shell: string) => {
    if (shell !== 'bash') command.error(`There is no completion for ${shell}; there is one for bash.`)
    const names = (command.parent?.commands ?? []).map((one) => one.name())
    const flags = settingTable.filter(({ effect }) => effect === 'works').map(({ name }) => `--${name}`)
    terminal.out(bashScript(names, ['--help', ...flags]))
  })
}

/** After a command: flags where a word begins with a dash, else files. */
function bashScript(commands: readonly string[], flags: readonly string[]): string {
  return `# Completion of sluice for bash. Add to ~/.bashrc: eval "$(sluice completion bash)"
_sluice() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${commands.join(' ')}" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "${flags.toSorted().join(' ')}" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _sluice sluice`
}
