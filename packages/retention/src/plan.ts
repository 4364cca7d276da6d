import { type Backup, type Candidate, groupBySet, readBackups } from './backups.js'
import { calendar } from './calendar.js'
import { type Choice, choose } from './choose.js'
import { massDeletion } from './mass-deletion.js'
import { isEmpty, type Policy } from './policy.js'

/** The plan's decision about one backup. */
export interface Decision {
  readonly id: string
  /** The backup's start, ISO 8601, UTC. */
  readonly startedAt: string
  /** Plain words, one for each rule that speaks. */
  readonly reasons: readonly string[]
}

/** The removals of a prune, with their reasons. Plain JSON. */
export interface RetentionPlan {
  /** Newest first. */
  readonly keep: readonly Decision[]
  /** Newest first. */
  readonly remove: readonly Decision[]
  /** What people should know besides: what was not counted, what is missing. */
  readonly notes: readonly string[]
  /** Why the plan must not be carried out without a person's word, or `null`. */
  readonly blocked: string | null
  /** The IANA zone whose days, weeks, months and years were counted. */
  readonly timezone: string
  /** What removing would free, in bytes, as far as the sizes are known. */
  readonly bytes: number
}

export interface PlanOptions {
  /** Passes the guard against mass deletion: `blocked` is then `null`. Default `false`. */
  readonly force?: boolean | undefined
}

/**
 * Decides which backups to keep and which to remove, with a reason for each. It does no I/O and reads no
 * clock: the same backups, policy and time give the same plan, in whatever order the backups come.
 *
 * In each series, every rule keeps the newest complete backup of each of the latest periods that have one, in the
 * policy's time zone; what any rule keeps stays, and so does all that it needs to be restored. Time that
 * passes without new backups removes nothing.
 *
 * @param now the time, which only decides what is in the future and which locks have expired
 * @throws BackupError `invalid_options` for a time that is none, `conflict` if two backups have one id.
 *
 * @example
 * ```ts
 * import { parsePolicy, plan } from '@s3db-backup/retention'
 *
 * const backups = [{ id: 'full-1', startedAt: '2024-03-15T02:00:00Z', parent: null, complete: true }]
 * const { remove, blocked } = plan(backups, parsePolicy({ daily: 7 }), new Date())
 * ```
 */
export function plan(
  backups: readonly Backup[],
  policy: Policy,
  now: Date,
  options: PlanOptions = {},
): RetentionPlan {
  const time = now.getTime()
  const candidates = readBackups(backups, time, calendar(policy.timezone))
  const choices = isEmpty(policy) ? keepingAll(candidates) : choose(candidates, policy, time)
  const goes = ({ id }: Candidate) => choices.get(id)?.keep === false
  const decisions = (some: readonly Candidate[]) => some.map((candidate) => decision(candidate, choices))
  const removed = candidates.filter(goes)
  return {
    keep: decisions(candidates.filter((candidate) => !goes(candidate))),
    remove: decisions(removed),
    notes: notesOn(candidates, policy),
    blocked: options.force === true ? null : whyBlocked(candidates, policy, time, goes),
    timezone: policy.timezone,
    bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function keepingAll(candidates: readonly Candidate[]): ReadonlyMap<string, Choice> {
  return new Map(candidates.map(({ id }) => [id, { keep: true, reasons: ['the policy has no rules'] }]))
}

function decision({ id, startedAt }: Candidate, choices: ReadonlyMap<string, Choice>): Decision {
  return { id, startedAt: new Date(startedAt).toISOString(), reasons: choices.get(id)?.reasons ?? [] }
}

function whyBlocked(
  candidates: readonly Candidate[],
  policy: Policy,
  now: number,
  goes: (candidate: Candidate) => boolean,
): string | null {
  const keepsAll = (some: readonly Candidate[]) =>
    [...choose(some, policy, now).values()].every(({ keep }) => keep)
  const reasons = groupBySet(candidates).flatMap(
    (group) => massDeletion(group, policy.maxShareRemoved, goes, keepsAll) ?? [],
  )
  return reasons.length === 0 ? null : reasons.join('; ')
}

function notesOn(candidates: readonly Candidate[], policy: Policy): string[] {
  const ids = new Set(candidates.map(({ id }) => id))
  return [
    ...(isEmpty(policy) ? ['The policy has no rules, so everything is kept.'] : []),
    ...candidates.flatMap(({ id, notCounted }) => (notCounted === undefined ? [] : [`${id}: ${notCounted}`])),
    ...(candidates.some(({ notCounted }) => notCounted?.startsWith('incomplete'))
      ? ['Incomplete backups stay until they are removed by hand or by a sweep.']
      : []),
    ...policy.pins
      .filter((pin) => !ids.has(pin))
      .map((pin) => `${pin} is pinned, but there is no such backup`),
  ]
}
