import type { Terminal } from './terminal/terminal.js'

/** The work that a stopped command has done, and how to continue. */
export interface StoppedWork {
  /** In sentences, without a full stop. */
  readonly done: readonly string[]
  /** The same for programs. */
  readonly details: Readonly<Record<string, unknown>>
  readonly suggestion: string
}

/** What every command is given. */
export interface Session {
  readonly terminal: Terminal
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal
  /** The exit code if nothing is thrown. */
  exitCode: number
  /** Warnings are failures: `--strict`. */
  strict?: boolean
  /** All that was typed after the name of the program. */
  readonly typed?: readonly string[] | undefined
  /** What there is to say if the work is stopped now. */
  stopping?: StoppedWork | undefined
  /** The command that was typed, if there is one of that name. */
  command?: string | undefined
  /** The options that say where the backups are, as they were typed: ` --path /mnt/backups`. */
  place?: string | undefined
}
