import type { Command } from 'commander'
import type { Completed } from '../access/candidates.js'
import type { Session } from '../session.js'
import { scripts } from '../terminal/completion-scripts.js'

const examples = `
Examples:
  eval "$(s3db-backup completion bash)"                 # in ~/.bashrc
  s3db-backup completion zsh > "\${fpath[1]}/_s3db-backup"
  s3db-backup completion fish > ~/.config/fish/completions/s3db-backup.fish`

export function completionCommand(command: Command, session: Session): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', examples)
    .action(async (shell: string) => {
      session.terminal.print((await scriptFor(shell)).trimEnd())
    })
}

async function scriptFor(shell: string): Promise<string> {
  if (shell === 'bash' || shell === 'zsh' || shell === 'fish') return scripts[shell]
  const [{ BackupError }, { nearest }] = await Promise.all([
    import('@s3db-backup/core'),
    import('@s3db-backup/core/internal'),
  ])
  throw new BackupError(
    'invalid_options',
    `No completion for '${shell}'${nearest(shell, Object.keys(scripts))}`,
    { operation: 'validateConfig', suggestion: 'Give bash, zsh or fish.' },
  )
}

/** Asked by the scripts: prints possible last words, one per line. Never fails, and never asks. */
export function completeCommand(commands: readonly Completed[]) {
  return (command: Command, session: Session): void => {
    command
      .argument('[words...]', 'the words so far, the last of them unfinished')
      .passThroughOptions()
      .allowUnknownOption()
      .action(async (words: string[]) => {
        const { candidates } = await import('../access/candidates.js')
        for (const one of await candidates(words, { commands, session })) session.terminal.print(one)
      })
  }
}
