import { BackupError, compareIds } from '@s3db-backup/core'
import type { PeriodNames } from './calendar.js'

/** The facts about a backup that a plan needs. */
export interface Backup {
  readonly id: string
  /** The backup's start: a `Date`, or ISO 8601 text. */
  readonly startedAt: Date | string
  /** The backup that this one adds to; `null` for a full one. */
  readonly parent: string | null
  /** Whether everything that should be in it is. Only complete backups count, and those with `knownLosses`. */
  readonly complete: boolean
  /** For an incomplete backup: whether the previous backup in its series lacked everything that this one lacks. */
  readonly knownLosses?: boolean | undefined
  /** Backups of different series (databases, profiles) never displace one another. Left out, all are one series. */
  readonly series?: string | undefined
  /** Stored size in bytes, if known. */
  readonly bytes?: number | undefined
  /** Dated later than the storage's own clock, whatever the time given says. It is not counted. */
  readonly datedAhead?: boolean | undefined
  /** Until when the storage itself holds the backup (a legal hold, an object lock). */
  readonly retainUntil?: Date | string | undefined
}

/** A backup with its times in ms since 1970, and what speaks against counting it. */
export interface Candidate {
  readonly id: string
  readonly startedAt: number
  readonly parent: string | null
  readonly series: string
  readonly bytes: number
  readonly retainUntil: number | undefined
  /** The periods that contain its start. */
  readonly periods: PeriodNames
  /** Why the rules pass over it, in words; `undefined` if they count it. */
  readonly notCounted: string | undefined
  /** Whether it is counted although it lacks records. */
  readonly lacksRecords: boolean
}

/** The backups in the one order that every rule walks: newest first; those of one instant by their id. */
export function readBackups(
  backups: readonly Backup[],
  now: number,
  periodsOf: (instant: number) => PeriodNames,
): Candidate[] {
  const parents = new Map<string, string | null>()
  for (const { id, parent } of backups) {
    if (parents.has(id)) throw invalid(id, 'conflict', `Two backups have the id '${id}'`)
    parents.set(id, parent)
  }
  const whole = chainCheck(parents)
  return backups
    .map((backup): Candidate => {
      const startedAt = instant(backup, backup.startedAt, 'startedAt')
      return {
        id: backup.id,
        startedAt,
        parent: backup.parent,
        series: backup.series ?? '',
        bytes: backup.bytes ?? 0,
        retainUntil:
          backup.retainUntil === undefined ? undefined : instant(backup, backup.retainUntil, 'retainUntil'),
        periods: periodsOf(startedAt),
        notCounted: whyNotCounted(backup, startedAt > now, whole(backup.id)),
        lacksRecords: !backup.complete,
      }
    })
    .sort((a, b) => b.startedAt - a.startedAt || fullFirst(a, b) || compareIds(b.id, a.id))
}

/** A merged chain has the same time as its last backup: the one that needs no others is kept. */
function fullFirst(a: Candidate, b: Candidate): number {
  return Number(a.parent !== null) - Number(b.parent !== null)
}

/** The backups of each series, in the order given. */
export function groupBySet(candidates: readonly Candidate[]): Candidate[][] {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const group = groups.get(candidate.series)
    if (group === undefined) groups.set(candidate.series, [candidate])
    else group.push(candidate)
  }
  return [...groups.values()]
}

function whyNotCounted(backup: Backup, inFuture: boolean, missing: string | undefined): string | undefined {
  if (backup.datedAhead === true)
    return 'dated ahead of the storage’s clock; not counted, never removed by policy'
  if (inFuture) return 'started in the future; not counted, never removed by policy'
  if (!backup.complete && backup.knownLosses !== true)
    return 'incomplete; not counted, never removed by policy'
  if (missing !== undefined)
    return `cannot be restored without ${missing}; not counted, never removed by policy`
  return undefined
}

/**
 * Tells which ancestor a backup lacks, if any. A backup that cannot be restored must not push out one that
 * can. Every chain is walked once, and without recursion, because chains can be long.
 */
function chainCheck(parents: ReadonlyMap<string, string | null>): (id: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (id) => {
    const walked = new Set<string>()
    let here: string | null = id
    while (here !== null && parents.has(here) && !known.has(here) && !walked.has(here)) {
      walked.add(here)
      here = parents.get(here) ?? null
    }
    const missing = here === null ? undefined : known.has(here) ? known.get(here) : here
    for (const link of walked) known.set(link, missing)
    return missing
  }
}

function instant({ id }: Backup, given: Date | string, field: string): number {
  const ms = new Date(given).getTime()
  if (Number.isNaN(ms)) throw invalid(id, 'invalid_options', `Backup '${id}' has no valid ${field}`)
  return ms
}

function invalid(id: string, code: 'conflict' | 'invalid_options', message: string): BackupError {
  return new BackupError(code, message, { operation: 'cleanup', metadata: { backupId: id } })
}
