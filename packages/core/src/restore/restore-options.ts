import * as z from 'zod'
import { type ReadOptions, readOptions } from '../chain/read-options.js'
import { BackupError } from '../errors.js'
import { isFunction, isObject, parseOptions } from '../options.js'
import type { OnEvent } from '../ports/events.js'
import type { RowFilter } from '../ports/row-filter.js'
import type { RowTransform } from '../ports/row-transform.js'
import type { RestoreMode, Target } from '../ports/target.js'

export interface RestoreOptions extends ReadOptions {
  readonly id: string
  readonly target: Target
  /** Only these resources (globs allowed); all if left out. */
  readonly resources?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** Only the records with these ids; at least one. */
  readonly ids?: readonly string[] | undefined
  /** Only records that this keeps. */
  readonly filter?: RowFilter | undefined
  /**
   * Maps or masks each record on its way into the target. Its raw form is dropped, with what else the record's object had,
   * and internal objects (data of plugins, counters, history) are left out unless `resources` names them.
   */
  readonly transform?: RowTransform | undefined
  /** Allow a transform into the database that the backup was made of. */
  readonly intoSource?: boolean | undefined
  /** Other names for resources at the target: from the backup's name to the new one. */
  readonly rename?: Readonly<Record<string, string>> | undefined
  /** What happens to existing records. Default `skip`: nothing is overwritten. */
  readonly mode?: RestoreMode | undefined
  /** Count what would be done; write nothing. */
  readonly dryRun?: boolean | undefined
  /** Read and check every part before the first record is written. Default `true`. */
  readonly verify?: boolean | undefined
  /** Restore a backup that lacks records. Without it such a backup is refused. */
  readonly allowIncomplete?: boolean | undefined
  readonly onEvent?: OnEvent | undefined
}

const optionsSchema = z.strictObject({
  ...readOptions,
  id: z.string(),
  target: z.custom<Target>(isObject, 'a target is needed'),
  resources: z.array(z.string()).readonly().optional(),
  exclude: z.array(z.string()).readonly().optional(),
  ids: z.array(z.string()).min(1, 'names no record').readonly().optional(),
  filter: z.custom<RowFilter>(isObject, 'must be a filter').optional(),
  transform: z.custom<RowTransform>(isFunction, 'must be a function').optional(),
  intoSource: z.boolean().default(false),
  rename: z.record(z.string(), z.string().min(1)).default({}),
  mode: z.enum(['skip', 'merge', 'replace']).default('skip'),
  dryRun: z.boolean().default(false),
  verify: z.boolean().default(true),
  allowIncomplete: z.boolean().default(false),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
})

/** The options, checked, with their defaults. */
export type CheckedRestore = z.output<typeof optionsSchema>

export function parseRestoreOptions(options: RestoreOptions): CheckedRestore {
  const checked = parseOptions(optionsSchema, options, { what: 'restore options', operation: 'restore' })
  const partial = checked.ids !== undefined || checked.filter !== undefined
  if (checked.mode !== 'replace' || !partial) return checked
  throw new BackupError(
    'invalid_options',
    'Mode "replace" removes what is not restored, so it cannot be combined with a selection of records',
    {
      operation: 'restore',
      suggestion: 'Use mode "merge" with ids, partitions or a filter.',
    },
  )
}
