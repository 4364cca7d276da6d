import { Help } from 'commander'
import { wrapped } from './wrapped.js'

/** Characters that a description beside its option has at least; with fewer it goes below. */
const leastBeside = 30

/** An option or a command of the help. commander itself wraps nothing beside a long option on a narrow screen. */
export function helpItem(
  this: Help,
  term: string,
  termWidth: number,
  description: string,
  helper: Help,
): string {
  const width = helper.helpWidth ?? 80
  if (width - termWidth - 4 >= leastBeside || description === '')
    return Help.prototype.formatItem.call(this, term, termWidth, description, helper)
  return [`  ${term}`, ...wrapped(description, width - 6).map((line) => `      ${line}`)].join('\n')
}

/** Wraps the lines of a help text that are too long, at their own indent. Commands to copy stay whole. */
export function asWideAs(width: number | undefined, text: string): string {
  if (width === undefined) return text
  return text
    .split('\n')
    .flatMap((line) => {
      const [indent = ''] = /^ */.exec(line) ?? []
      // Help has no wide characters, so it needs no package that knows them.
      if (line.length <= width || line.startsWith('s3db-backup ', indent.length)) return [line]
      return wrapped(line, width - indent.length).map((part) => indent + part)
    })
    .join('\n')
}
