import type { Terminal } from './terminal/terminal.js'

/** What every command is given. */
export interface Session {
  readonly terminal: Terminal
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal
  /** What the process exits with if nothing is thrown. */
  exitCode: number
  /** Warnings are failures: `--strict`. */
  strict?: boolean
  /** The command that was typed, if there is one of that name. */
  command?: string | undefined
  /** The options that say where the backups are, as they were typed: ` --path /mnt/backups`. */
  place?: string | undefined
}
