import type { Seen } from './tally.js'
import type { Colors } from './terminal.js'
import { bytes, count, duration } from './units.js'

const longestBar = 24
const shortestBar = 8

/**
 * One line that says how far the work is, never wider than `width`: what is being done, a bar, and as many
 * of the facts as fit, the most telling first.
 */
export function progressLine(
  seen: Seen & { readonly doing: string },
  width: number,
  { cyan, dim, bold }: Pick<Colors, 'cyan' | 'dim' | 'bold'>,
): string {
  const doing = seen.doing.slice(0, width)
  const percent =
    seen.fraction === undefined ? undefined : `${String(Math.floor(seen.fraction * 100)).padStart(3)}%`
  const facts = [
    seen.records > 0 ? `${count(seen.records)} records` : undefined,
    seen.remaining === undefined ? duration(seen.elapsed) : `ETA ${duration(Math.max(seen.remaining, 1000))}`,
    seen.rate === undefined ? undefined : `${count(seen.rate)}/s`,
    seen.bytes === undefined ? undefined : bytes(seen.bytes),
    seen.resource,
  ].filter((fact) => fact !== undefined)

  let used = doing.length + (percent === undefined ? 0 : 1 + percent.length)
  const fitting: string[] = []
  const reserved = percent === undefined ? 0 : shortestBar + 1
  for (const fact of facts) {
    if (used + reserved + 2 + fact.length > width) break
    fitting.push(fact)
    used += 2 + fact.length
  }
  const room = Math.min(longestBar, width - used - 1)
  const drawn =
    percent === undefined || seen.fraction === undefined || room < shortestBar
      ? ''
      : ` ${bar(seen.fraction, room, cyan, dim)}`
  return `${bold(doing)}${drawn}${percent === undefined ? '' : ` ${percent}`}${fitting.map((fact) => `  ${fact}`).join('')}`
}

function bar(
  fraction: number,
  width: number,
  full: (text: string) => string,
  empty: (text: string) => string,
) {
  const done = Math.round(fraction * width)
  return `${full('█'.repeat(done))}${empty('░'.repeat(width - done))}`
}
