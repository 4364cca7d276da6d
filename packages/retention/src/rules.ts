import type { Candidate } from './backups.js'
import { localTimeIn, type Period, periodNoun, periods } from './calendar.js'
import { before, type Interval } from './interval.js'
import type { Limit, Policy } from './policy.js'

/** The rules' verdict on the backups of one series: by id, why to keep or why not. */
export interface Verdict {
  readonly kept: ReadonlyMap<string, readonly string[]>
  readonly dropped: ReadonlyMap<string, readonly string[]>
}

interface Rule {
  /** Called for each backup, newest first. */
  readonly judge: (backup: Candidate) => { readonly keep: boolean; readonly reason: string }
  /** Why the oldest backup stays while the rule waits for more, else `undefined`. Asked after the last. */
  readonly wantsOldest: () => string | undefined
}

/**
 * Applies every rule of the policy to the backups of one series, given newest first. Each rule counts for
 * itself, and what any of them keeps is kept. A rule that has not met as many periods as it may keep also
 * keeps the oldest backup, so that history grows to its full length. The newest backup that lacks no records stays
 * whatever the rules say: it may be the last to have what those after it lack.
 */
export function applyRules(backups: readonly Candidate[], policy: Policy): Verdict {
  const kept = new Map<string, string[]>()
  const dropped = new Map<string, string[]>()
  const rules = rulesOf(policy, backups[0]?.startedAt ?? 0)
  for (const backup of backups) {
    const verdicts = rules.map((rule) => rule.judge(backup))
    const reasons = verdicts.filter(({ keep }) => keep).map(({ reason }) => reason)
    if (reasons.length > 0) kept.set(backup.id, reasons)
    else
      dropped.set(
        backup.id,
        verdicts.map(({ reason }) => reason),
      )
  }
  for (const { id } of backups.slice(0, policy.minKeep))
    keepAlso(id, `never fewer than ${policy.minKeep} (minKeep)`)
  const complete = backups.find(({ lacksRecords }) => !lacksRecords)
  if (complete !== undefined) keepAlso(complete.id, 'the newest that lacks no records')
  const oldest = backups.at(-1)?.id
  for (const rule of rules) {
    const reason = rule.wantsOldest()
    if (oldest !== undefined && reason !== undefined) keepAlso(oldest, reason)
  }
  return { kept, dropped }

  /** These two say why only where nothing else does. */
  function keepAlso(id: string, reason: string): void {
    if (kept.has(id)) return
    kept.set(id, [reason])
    dropped.delete(id)
  }
}

function rulesOf(policy: Policy, newest: number): Rule[] {
  return [
    ...(policy.keepLast === 0 ? [] : [lastRule(policy.keepLast)]),
    ...(policy.keepWithin === null ? [] : [withinRule(policy.keepWithin, newest, policy.timezone)]),
    ...periods.filter((period) => policy[period] !== 0).map((period) => periodRule(period, policy[period])),
  ]
}

function lastRule(limit: Limit): Rule {
  let met = 0
  return {
    judge: () => {
      met += 1
      if (limit === 'all') return { keep: true, reason: 'all are kept (keepLast)' }
      return met <= limit
        ? { keep: true, reason: `last ${limit}` }
        : { keep: false, reason: `not among the last ${limit}` }
    },
    // Until it is full, this rule keeps everything anyway.
    wantsOldest: () => undefined,
  }
}

function withinRule(interval: Interval, newest: number, timezone: string): Rule {
  const since = before(newest, interval, localTimeIn(timezone))
  return {
    judge: ({ startedAt }) =>
      startedAt > since
        ? { keep: true, reason: `within ${interval.text} of the newest` }
        : { keep: false, reason: `not within ${interval.text} of the newest` },
    wantsOldest: () => undefined,
  }
}

/** Periods without a backup do not count: an outage must not shorten history. */
function periodRule(period: Period, limit: Limit): Rule {
  const noun = periodNoun[period]
  const met = new Set<string>()
  return {
    judge: (backup) => {
      const name = backup.periods[period]
      if (met.has(name)) return { keep: false, reason: `${noun} ${name} has a newer one` }
      if (limit !== 'all' && met.size >= limit)
        return { keep: false, reason: `older than the last ${limit} ${noun}s that have one` }
      met.add(name)
      return { keep: true, reason: `newest of ${noun} ${name}` }
    },
    wantsOldest: () => {
      if (limit === 'all') return `oldest, kept because ${period} has no limit`
      return met.size < limit ? `oldest, kept until ${period} has ${limit} (now ${met.size})` : undefined
    },
  }
}
