import type { Shortfall } from '@s3db-backup/core'
import type { Terminal } from '../terminal.js'
import { count, counted } from '../units.js'
import { wrappedReport } from '../wrapped.js'

/** Ids that are shown of the records that lack something. */
const shownIds = 5

/** Prints what the restored records of a resource lack. */
export function printShortfalls(
  { colors, print, width = Number.POSITIVE_INFINITY }: Terminal,
  name: string,
  shortfalls: readonly Shortfall[] = [],
): void {
  for (const shortfall of shortfalls) {
    const sentence = wrappedReport(`${name}: ${inWords(shortfall)}.`, width - 2)
    print(`${colors.yellow('!')} ${sentence}`)
  }
}

function inWords({ reason, records, ids }: Shortfall): string {
  if (records === 0 || ids.length === 0) return reason
  const some = ids.slice(0, shownIds).map((id) => JSON.stringify(id))
  const more = records - some.length
  const named = more === 0 ? some.join(', ') : `${some.join(', ')} and ${count(more)} more`
  return `${reason} (${counted(records, 'record')}: ${named})`
}
