/** A secret as it was given, percent-decoded, and line by line. */
export function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => !line.startsWith('-----'))
  return [secret, decoded(secret), ...(lines.length > 1 ? lines : [])]
}

/** The source of a regular expression that finds a text however it is written. */
export function spellingsOf(form: string): string {
  const bytes = Buffer.from(form)
  return [...form]
    .map(spellingsOfCharacter)
    .join('')
    .concat('|', [...bytes].map(hexadecimal).join(''))
    .concat(...base64(bytes).map((each) => `|${each}`))
}

/**
 * A character unchanged, percent-encoded once or twice, as in JSON, and as in forms. Any character may be
 * percent-encoded (RFC 3986, section 2.1): forms encode `~`, which `encodeURIComponent` does not.
 */
function spellingsOfCharacter(character: string): string {
  const bytes = [...Buffer.from(character)].map(hexadecimal)
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
  const escaped = JSON.stringify(character).slice(1, -1)
  const all = [
    ...[escapeForRegExp(character), escapeForRegExp(escaped)],
    ...[bytes.map((byte) => `%${byte}`).join(''), bytes.map((byte) => `%25${byte}`).join('')],
    units.map((unit) => `\\\\u${hexadecimal(unit >> 8)}${hexadecimal(unit & 0xff)}`).join(''),
    ...(character === ' ' ? ['\\s', '\\+'] : []),
    ...(character === '\n' ? ['\\r\\n'] : []),
  ]
  return `(?:${[...new Set(all)].join('|')})`
}

/** The base64 text that these bytes produce at any position in the encoded bytes, in either alphabet. */
function base64(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([new Uint8Array(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    // Characters that also hold bits of the neighbouring bytes differ each time.
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    return whole
      .slice(first, last)
      .replaceAll(/[+/]/g, (sign) => (sign === '+' ? '(?:[+-]|%2[bB])' : '(?:[/_]|%2[fF])'))
  })
}

/** A byte in hex, in either case. */
function hexadecimal(byte: number): string {
  const digits = byte.toString(16).padStart(2, '0')
  return digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded, or wrongly: the text is taken as it is.
    return text
  }
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
