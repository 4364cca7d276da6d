import { type Candidate, groupBySet } from './backups.js'
import { neededBy } from './closure.js'
import type { Policy } from './policy.js'
import { applyRules } from './rules.js'

/** What happens to a backup, and every reason for it. */
export interface Choice {
  readonly keep: boolean
  readonly reasons: readonly string[]
}

/**
 * Decides about every backup, by id: what the rules keep in each series, what is held for another reason, and
 * then all that those need to be restored. The candidates are given newest first.
 */
export function choose(
  candidates: readonly Candidate[],
  policy: Policy,
  now: number,
): ReadonlyMap<string, Choice> {
  const choices = new Map<string, Choice>()
  for (const group of groupBySet(candidates)) {
    const { kept, dropped } = applyRules(
      group.filter(({ notCounted }) => notCounted === undefined),
      policy,
    )
    for (const candidate of group) {
      const reasons = [...(kept.get(candidate.id) ?? []), ...holds(candidate, policy, now)]
      const keep = reasons.length > 0
      const why = keep ? reasons : (dropped.get(candidate.id) ?? [])
      choices.set(candidate.id, { keep, reasons: [...why, ...markOf(candidate)] })
    }
  }
  const chosen = new Set([...choices].filter(([, { keep }]) => keep).map(([id]) => id))
  for (const [id, descendant] of neededBy(candidates, chosen)) {
    const { keep, reasons } = choices.get(id) ?? { keep: false, reasons: [] }
    choices.set(id, { keep: true, reasons: [...(keep ? reasons : []), `needed by ${descendant}`] })
  }
  return choices
}

/** Said of a backup that is counted although it lacks records. */
function markOf({ notCounted, lacksRecords }: Candidate): string[] {
  return notCounted === undefined && lacksRecords
    ? ['incomplete; counted, because the backup before it lacks the same records']
    : []
}

/** What keeps a backup whatever the rules say. */
function holds({ id, notCounted, retainUntil }: Candidate, { pins }: Policy, now: number): string[] {
  return [
    ...(notCounted === undefined ? [] : [notCounted]),
    ...(pins.includes(id) ? ['pinned'] : []),
    ...(retainUntil !== undefined && retainUntil > now
      ? [`held by the storage until ${new Date(retainUntil).toISOString()}`]
      : []),
  ]
}
