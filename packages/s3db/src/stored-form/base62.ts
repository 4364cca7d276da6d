const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const minus = 45

const values = new Int8Array(128).fill(-1)
for (let value = 0; value < digits.length; value++) values[digits.charCodeAt(value)] = value

/**
 * The integer in base 62, with a leading `-` below zero. `undefined` (the word) for NaN and infinities, as s3db.js
 * writes it.
 */
export function encodeBase62(number: number): string {
  if (!Number.isFinite(number)) return 'undefined'
  if (number === 0) return '0'
  if (number < 0) return `-${encodeBase62(-Math.floor(number))}`
  let text = ''
  for (let rest = Math.floor(number); rest > 0; rest = Math.floor(rest / 62))
    text = digits.charAt(rest % 62) + text
  return text
}

/** The integer that base 62 stands for; 0 for empty text, NaN for anything that is not base 62. */
export function decodeBase62(text: string): number {
  const negative = text.charCodeAt(0) === minus
  let number = 0
  for (let at = negative ? 1 : 0; at < text.length; at++) {
    const value = values[text.charCodeAt(at)] ?? -1
    if (value < 0) return Number.NaN
    number = number * 62 + value
  }
  return negative ? -number : number
}

/** As {@link encodeBase62}, with what stands after the decimal point kept as it prints: `1.5`, `8m0Kx.25`. */
export function encodeDecimal(number: number): string {
  if (!Number.isFinite(number)) return 'undefined'
  const [whole = '', fraction] = Math.abs(number).toString().split('.')
  const sign = number < 0 ? '-' : ''
  const text = sign + encodeBase62(Number(whole))
  return fraction ? `${text}.${fraction}` : text
}

/** The number that {@link encodeDecimal} wrote; NaN for anything else. */
export function decodeDecimal(text: string): number {
  const negative = text.charCodeAt(0) === minus
  const [whole = '', fraction] = (negative ? text.slice(1) : text).split('.')
  const integer = decodeBase62(whole)
  if (Number.isNaN(integer)) return Number.NaN
  const number = fraction ? Number(`${integer}.${fraction}`) : integer
  return negative ? -number : number
}
