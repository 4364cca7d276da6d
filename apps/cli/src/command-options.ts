/* What each command can be told, as commander hands it over. */

/** How progress is told. */
export type ProgressMode = 'auto' | 'json' | 'none'

/** What every command that has to do with stored backups can be told. As commander hands them over. */
export interface PlaceOptions {
  readonly path?: string
  readonly driver?: string
  readonly config?: string
}

export interface BackupCommand extends PlaceOptions {
  readonly connection?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly compression?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly verify: boolean
  readonly progress: ProgressMode
}

export interface DeleteCommand extends PlaceOptions {
  readonly yes?: boolean
}

export interface DemoCommand {
  readonly dir?: string
  readonly progress: ProgressMode
}

export interface ListCommand extends PlaceOptions {
  readonly limit?: number
  readonly prefix?: string
  readonly since?: string
  readonly until?: string
}

export interface RestoreCommand extends PlaceOptions {
  readonly connection?: string
  readonly target?: string
  readonly overwrite?: boolean
  readonly mode?: 'skip' | 'merge' | 'replace'
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly dryRun?: boolean
  readonly allowIncomplete?: boolean
  readonly verify: boolean
  readonly progress: ProgressMode
}

export interface VerifyCommand extends PlaceOptions {
  readonly quick?: boolean
  readonly progress: ProgressMode
}
