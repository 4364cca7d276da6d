import { visible } from '../api/unseen.js'

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function bytes(count: number): string {
  let [value, unit] = [count, 0]
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit]}`
}

export function number(count: number): string {
  return count.toLocaleString('en-US')
}

export function counted(count: number, one: string, several = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : several}`
}

/** The length between two moments. */
export function lengthBetween(from: string, to: string): string {
  return length(Date.parse(to) - Date.parse(from))
}

/** A length in its two largest units. */
export function length(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at)
  if (Number.isNaN(ms)) return ''
  if (ms < 0) return `in ${length(-ms)}`
  return ms < 5000 ? 'just now' : `${length(ms)} ago`
}

export { visible }

/** A text with lines, as it may be shown. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}

/** A word as a shell reads it back: to be pasted, whatever is in it. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-')) return text
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const inner = text
    .replaceAll(/['\\]/g, '\\$&')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      [...new TextEncoder().encode(character)]
        .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
        .join(''),
    )
  return `$'${inner}'`
}

/**
 * The option that names records. Where an id has a comma, which is what separates ids, they come line by line from
 * standard input: `before` is what stands before the command.
 */
export function idOptions(ids: readonly string[]): {
  readonly before: string
  readonly options: Readonly<Record<string, string>>
} {
  if (ids.length === 0) return { before: '', options: {} }
  if (ids.every((id) => !id.includes(',') && id.trim() === id))
    return { before: '', options: { '--ids': ids.join(',') } }
  return {
    before: `printf '%s\\n' ${ids.map(shellWord).join(' ')} | `,
    options: { '--ids-from': '-' },
  }
}

/** A command of this tool. Options without a value are omitted; a value follows its option. */
export function commandLine(
  words: readonly string[],
  options: Readonly<Record<string, string | true | undefined>> = {},
  placeOptions = '',
): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [name] : [name, shellWord(value)],
  )
  const [command = '', ...rest] = words
  const plain = rest.map(shellWord)
  // An argument that starts with a dash and is not an option goes after `--`.
  const line = rest.some((word) => word.startsWith('-'))
    ? [`${command}${placeOptions}`, ...given, '--', ...plain]
    : [command, ...plain, ...given]
  const place = line.includes('--') ? '' : placeOptions
  return `s3db-backup ${line.join(' ')}${place}`
}

/** A note as people read it: a list of names without its brackets. */
export function note(value: string): string {
  const isNames = /^\["[^"\\]*"(,"[^"\\]*")*\]$/.test(value)
  return isNames ? value.slice(1, -1).replaceAll('"', '').replaceAll(',', ', ') : value
}
