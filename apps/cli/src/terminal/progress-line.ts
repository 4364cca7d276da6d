import type { Seen } from './tally.js'
import type { Colors } from './terminal.js'
import { bytes, count, duration } from './units.js'

const longestBar = 24

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
    seen.remaining === undefined
      ? duration(seen.elapsed)
      : `ETA ${duration(Math.max(1, Math.round(seen.remaining / 1000)) * 1000).replace('.0 s', ' s')}`,
    seen.rate === undefined ? undefined : `${count(seen.rate)}/s`,
    seen.bytes === undefined ? undefined : bytes(seen.bytes),
    seen.resource,
  ].filter((fact) => fact !== undefined)

  // The length does not depend on the values, so that the bar does not jump.
  const barLength = Math.min(longestBar, Math.floor(width / 5))
  const hasBar = percent !== undefined && doing.length + barLength + percent.length + 2 <= width
  let used = doing.length + (hasBar ? barLength + percent.length + 2 : 0)
  const fitting: string[] = []
  for (const fact of facts) {
    if (used + 2 + fact.length > width) break
    fitting.push(fact)
    used += 2 + fact.length
  }
  const drawn = hasBar ? ` ${bar(seen.fraction ?? 0, barLength, cyan, dim)} ${percent}` : ''
  return `${bold(doing)}${drawn}${fitting.map((fact) => `  ${fact}`).join('')}`
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
