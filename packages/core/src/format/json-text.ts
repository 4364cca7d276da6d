/**
 * JSON in which every number can be represented. Throws `SyntaxError` for a text that is not JSON, and for a number
 * beyond the range of 64 bits, such as `1e400`: it would become infinity, and be written as `null`.
 */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (mayBeBeyond(text) && hasInfinity(value)) throw new SyntaxError('a number is too large to be stored')
  return value
}

/** It takes an exponent of three digits to leave the range, or more than 200 digits with a smaller one. */
function mayBeBeyond(text: string): boolean {
  return largeExponent.test(text) || hasLongNumber(text)
}

const largeExponent = /\d[eE]\+?\d{3}/
const manyDigits = 200

/** Looks at every hundredth character: a pattern for so many digits would be a third of the work of reading a line. */
function hasLongNumber(text: string): boolean {
  for (let at = manyDigits / 2; at < text.length; at += manyDigits / 2) {
    if (!isDigit(text, at)) continue
    let [from, to] = [at, at]
    while (isDigit(text, from - 1)) from -= 1
    while (isDigit(text, to)) to += 1
    if (to - from >= manyDigits) return true
  }
  return false
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

/** Without recursion: values may be nested deeper than calls can be. */
function hasInfinity(value: unknown): boolean {
  const rest: unknown[] = [value]
  while (rest.length > 0) {
    const one = rest.pop()
    if (typeof one === 'number' && !Number.isFinite(one)) return true
    if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) rest.push(inner)
  }
  return false
}
