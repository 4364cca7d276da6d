import type { Candidate } from './backups.js'

/** Fewer complete backups than this in a series are too few to tell a mistake from a small policy. */
const fewest = 4

/**
 * Why removing this much of a series looks like a mistake (a slip in the policy, the wrong series, many strange
 * new backups), or `undefined` if it does not.
 *
 * One prune may delete much for good reason: a new full backup makes a whole chain of incremental ones superfluous.
 * What tells the two apart is the settled part, the oldest backups that this policy, applied to them alone, would all
 * keep. Where pruning keeps up, that is everything up to the last prune. So a plan passes if at most one backup came
 * since, or if enough of the settled part stays.
 *
 * @param series the complete and other backups of one series, newest first
 * @param share how much of a series may go, above 0 and up to 1
 * @param goes tells whether the plan under examination removes a backup
 * @param keepsAll tells whether the policy, applied to these backups alone, removes none
 */
export function massDeletion(
  series: readonly Candidate[],
  share: number,
  goes: (candidate: Candidate) => boolean,
  keepsAll: (candidates: readonly Candidate[]) => boolean,
): string | undefined {
  const tooMany = (backups: readonly Candidate[]) => backups.filter(goes).length > share * backups.length
  const complete = series.filter(isCounted)
  if (complete.length < fewest || !tooMany(complete)) return undefined
  const beforeNewest = series.slice(series.findIndex(isCounted) + 1)
  if (keepsAll(beforeNewest)) return undefined
  if (!tooMany(settledPart(series, keepsAll).filter(isCounted))) return undefined
  const name = series[0]?.series ? ` of the series '${series[0].series}'` : ''
  const percent = Math.round(share * 100)
  return (
    `this would delete ${complete.filter(goes).length} of ${complete.length} complete backups${name} ` +
    `(safety limit: ${percent} %)`
  )
}

const isCounted = ({ notCounted }: Candidate): boolean => notCounted === undefined

/** Found by halving: trying every length would take too long for thousands of backups. */
function settledPart(
  series: readonly Candidate[],
  keepsAll: (candidates: readonly Candidate[]) => boolean,
): readonly Candidate[] {
  // A single backup is always kept.
  let settled = series.length - 1
  let unsettled = 0
  while (settled - unsettled > 1) {
    const middle = Math.floor((settled + unsettled) / 2)
    if (keepsAll(series.slice(middle))) settled = middle
    else unsettled = middle
  }
  return series.slice(settled)
}
