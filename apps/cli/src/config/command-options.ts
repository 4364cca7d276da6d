/* What each command can be told, as commander hands it over. */

/** How progress is told. */
export type ProgressMode = 'auto' | 'json' | 'none'

/** What every command that has to do with stored backups can be told. As commander hands them over. */
export interface PlaceOptions {
  readonly path?: string
  readonly driver?: string
  readonly config?: string
  readonly keyFile?: string
  readonly keyCommand?: string
}

/** `--partition byRegion=US,EU`, by partition. */
export type PartitionOptions = Readonly<Record<string, string[]>>

export interface BackupCommand extends PlaceOptions {
  readonly connection?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly compression?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly partition?: PartitionOptions
  readonly since?: string
  readonly fullIfNeeded?: boolean
  readonly maxChain?: number
  readonly dryRun?: boolean
  readonly prices?: boolean
  readonly verify: boolean
  readonly progress: ProgressMode
}

export interface ConsolidateCommand extends PlaceOptions {
  readonly allowPlain?: boolean
  readonly compression?: string
  readonly verify: boolean
  readonly progress: ProgressMode
}

export interface CheckDriverCommand extends PlaceOptions {
  readonly only?: string[]
  readonly progress: ProgressMode
}

export interface DeleteCommand extends PlaceOptions {
  /** In ms. */
  readonly grace?: number
  readonly force?: boolean
  readonly yes?: boolean
}

export interface DemoCommand {
  readonly dir?: string
  readonly progress: ProgressMode
}

export interface DiffCommand extends PlaceOptions {
  readonly allowPlain?: boolean
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly summary?: boolean
}

export interface KeygenCommand {
  readonly out?: string
}

export interface ListCommand extends PlaceOptions {
  readonly deleted?: boolean
  readonly limit?: number
  readonly prefix?: string
  readonly since?: string
  readonly until?: string
}

/** The rules of a policy as options; numbers as they were typed, `all` among them. */
export interface PruneCommand extends PlaceOptions {
  readonly apply?: boolean
  /** In ms. */
  readonly grace?: number
  readonly force?: boolean
  readonly keepLast?: number | 'all'
  readonly hourly?: number | 'all'
  readonly daily?: number | 'all'
  readonly weekly?: number | 'all'
  readonly monthly?: number | 'all'
  readonly quarterly?: number | 'all'
  readonly yearly?: number | 'all'
  readonly within?: string
  readonly minKeep?: number
  readonly timezone?: string
  readonly pin?: string[]
}

/** How archived files become readable. */
export interface ThawOptions {
  readonly thaw?: boolean
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk'
  /** How long thawed copies stay. */
  readonly days?: number
}

export interface PurgeCommand extends PlaceOptions {
  readonly dryRun?: boolean
}

export interface RestoreCommand extends PlaceOptions, ThawOptions {
  readonly allowPlain?: boolean
  readonly connection?: string
  readonly target?: string
  readonly overwrite?: boolean
  readonly mode?: 'skip' | 'merge' | 'replace'
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly ids?: string[]
  readonly partition?: PartitionOptions
  readonly rename?: Readonly<Record<string, string>>
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly allowIncomplete?: boolean
  readonly verify: boolean
  readonly progress: ProgressMode
}

export interface RotateKeyCommand extends PlaceOptions {
  readonly newKeyFile?: string
  readonly newKeyCommand?: string
  readonly removeOld?: boolean
}

export interface ScheduleCommand extends PlaceOptions {
  readonly connection?: string
  readonly port?: number
  readonly host: string
  /** In ms. */
  readonly grace?: number
  /** In ms. */
  readonly maxAge?: number
}

export interface SalvageCommand extends PlaceOptions, ThawOptions {
  /** A connection string or a folder. */
  readonly to?: string
  readonly allowPlain?: boolean
  readonly resources?: string[]
  readonly exclude?: string[]
}

export interface VerifyCommand extends PlaceOptions, ThawOptions {
  /** At every one of several destinations. */
  readonly everywhere?: boolean
  readonly allowPlain?: boolean
  readonly quick?: boolean
  readonly level?: 'quick' | 'stored' | 'full' | 'restore'
  /** So many of the newest backups. */
  readonly last?: number
  readonly subset?: string
  readonly resources?: string[]
  readonly exclude?: string[]
  readonly scratch?: string
  readonly report?: string
  readonly reportText?: string
  readonly keepReport?: boolean
  readonly signedOffBy?: string
  readonly signingKeyFile?: string
  readonly progress: ProgressMode
}
