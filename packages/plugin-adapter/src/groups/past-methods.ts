import { randomUUID } from 'node:crypto'
import { BackupError } from '@s3db-backup/core'
import { select } from '@s3db-backup/core/internal'
import {
  applyUndo,
  type Database,
  databaseAt,
  type KeptVersion,
  planUndo,
  type RecoverableWindow,
  type RecoverReport,
  recordVersions,
  recover,
  recoverableWindow,
  type UndoPlan,
  type UndoReport,
} from '@s3db-backup/s3db'
import { checkConnected } from '@s3db-backup/s3db/internal'
import type { Databases } from '../context/plugin-context.js'
import type { Running } from '../context/running.js'
import { type Requests, requestsOf } from '../operations/dry-run.js'
import { type Moment, parseMoment } from '../past/moment.js'
import { openedLate } from '../target/late-target.js'
import { notInstalled } from '../target/open-target.js'

/** Which records. */
export interface PastSelection {
  /** Only these resources (globs allowed). */
  readonly resources?: readonly string[] | undefined
  /** Not these (globs allowed). */
  readonly exclude?: readonly string[] | undefined
  /** Only records with these ids; at least one. */
  readonly ids?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface UndoCall {
  /** Remove what was created since. Default `false`. */
  readonly created?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface RecoverCall extends PastSelection {
  /** The database to write into: a database, a connection string, or the name of a sibling. Not the plugin's own. */
  readonly target: string | Database
  /** What happens to records that are there: `skip` keeps them (default), `merge` replaces them. */
  readonly mode?: 'skip' | 'merge' | undefined
  readonly dryRun?: boolean | undefined
}

/** The result of a recovery, by resource. */
export interface Recovered {
  readonly asOf: Date
  readonly resources: Readonly<Record<string, RecoverReport>>
  /** Versions and delete markers that lie within two seconds of the moment: there the storage's clock decides. */
  readonly near: number
  /** Of the ids that were asked for: those that no resource had at that time. */
  readonly notFound: readonly string[]
  /** Requests to the storage of the database that was read. A dry run takes as many. */
  readonly requests: Requests
  readonly dryRun: boolean
}

/** `plugin.past`: the past of the database, from the versions that its bucket keeps. No backup is needed. */
export interface PastMethods {
  /** The period for which the database's past can be read. */
  window(options?: { readonly signal?: AbortSignal | undefined }): Promise<RecoverableWindow>
  /** The differences from a moment in the past. Changes nothing. */
  plan(since: Moment, options?: PastSelection): Promise<UndoPlan>
  /**
   * Restores what a plan lists as changed or deleted, as new versions. A record written after the plan was made stays
   * unchanged and is reported.
   */
  undo(plan: UndoPlan, options?: UndoCall): Promise<ReadonlyMap<string, UndoReport>>
  /** Writes the past database into another one. */
  recover(at: Moment, options: RecoverCall): Promise<Recovered>
  /** Every version of a record that the bucket keeps, the oldest first. */
  versions(
    resource: string,
    id: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<KeptVersion[]>
}

/** Of the requested ids, those that none of the resources had. */
function inNoneOf(reports: Iterable<RecoverReport>, ids: readonly string[]): string[] {
  const lacking = [...reports].map(({ notFound }) => new Set(notFound))
  return ids.filter((id) => lacking.every((each) => each.has(id)))
}

const never = () => new AbortController().signal

export function pastMethods(context: Databases & { readonly running: Running }): PastMethods {
  const own = (): Database => {
    const database = context.database()
    if (database === undefined) throw notInstalled()
    checkConnected(database, 'restore')
    return database
  }
  const during = <T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>) =>
    context.running.during(`past-${randomUUID()}`, signal, work)
  const chooserOf = ({ resources, exclude, ids }: PastSelection) => {
    if (ids?.length === 0)
      throw new BackupError('invalid_options', 'The list of ids is empty, so no record is selected', {
        operation: 'restore',
        suggestion: 'Name a record, or leave ids out for all of them.',
      })
    return (names: readonly string[]) => select(names, { resources, exclude })
  }

  return {
    window: async ({ signal = never() } = {}) => recoverableWindow(own(), { signal }),
    versions: async (resource, id, { signal = never() } = {}) =>
      recordVersions(own(), resource, id, { signal }),
    async plan(since, options = {}) {
      const moment = parseMoment(since, 'restore')
      return during(options.signal, (signal) =>
        planUndo(own(), moment, { choose: chooserOf(options), ids: options.ids }, { signal }),
      )
    },
    undo: async (plan, { created, signal: given } = {}) =>
      during(given, (signal) => applyUndo(own(), plan, { created }, { signal })),
    async recover(at, options) {
      const { target: given, mode = 'skip', dryRun = false, ids } = options
      const moment = parseMoment(at, 'restore')
      const database = own()
      if (given === database)
        throw new BackupError('invalid_options', 'A database cannot be recovered into itself; undo does that')
      return during(options.signal, async (signal) => {
        const source = databaseAt(database, moment)
        const target = openedLate(given, database, { dryRun, signal })
        try {
          const how = { choose: chooserOf(options), ids, mode, dryRun }
          const reports = await recover(source, target, how, { signal })
          const counted = source.counted()
          return {
            asOf: moment,
            resources: Object.fromEntries(reports),
            near: counted.near,
            notFound: inNoneOf(reports.values(), ids ?? []),
            requests: requestsOf(counted),
            dryRun,
          }
        } finally {
          await target.close()
        }
      })
    },
  }
}
