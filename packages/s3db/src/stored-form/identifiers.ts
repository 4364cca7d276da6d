import { decodeBase62, encodeBase62 } from './base62.js'

/** Identifiers packed into base 62. What does not have the expected shape is stored, and read, as it is. */

/** Four words of 32 bits, six digits each. */
export function encodeUuid(text: string): string {
  const hex = text.replaceAll('-', '')
  if (hex.length !== 32) return text
  return [0, 8, 16, 24]
    .map((at) => encodeBase62(Number.parseInt(hex.slice(at, at + 8), 16)).padStart(6, '0'))
    .join('')
}

export function decodeUuid(text: string): string {
  if (text.length !== 24 || text.includes('-')) return text
  const words = [0, 6, 12, 18].map((at) => decodeBase62(text.slice(at, at + 6)))
  if (words.some(Number.isNaN)) return text
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** Three decimal digits each for minor and patch; the rest is major. Only plain `major.minor.patch`. */
export function encodeSemver(text: string): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(text)
  if (parts === null) return text
  const [, major, minor, patch] = parts.map(Number)
  return encodeBase62((major ?? 0) * 1_000_000 + (minor ?? 0) * 1000 + (patch ?? 0))
}

export function decodeSemver(text: string): string {
  const packed = text.includes('.') ? Number.NaN : decodeBase62(text)
  if (Number.isNaN(packed)) return text
  return `${Math.floor(packed / 1_000_000)}.${Math.floor((packed % 1_000_000) / 1000)}.${packed % 1000}`
}

/** The digits after `+` as one number. */
export function encodePhone(text: string): string {
  return text.startsWith('+') ? encodeBase62(Number.parseInt(text.slice(1), 10)) : text
}

export function decodePhone(text: string): string {
  const digits = text.startsWith('+') ? Number.NaN : decodeBase62(text)
  return Number.isNaN(digits) ? text : `+${digits}`
}

/** `#rrggbb` in five digits. */
export function encodeColor(text: string): string {
  const six = text.startsWith('#') && text.length === 7
  return six ? encodeBase62(Number.parseInt(text.slice(1), 16)).padStart(5, '0') : text
}

export function decodeColor(text: string): string {
  const number = text.length === 5 && !text.startsWith('#') ? decodeBase62(text) : Number.NaN
  return Number.isNaN(number) ? text : `#${number.toString(16).padStart(6, '0')}`
}

/** Article numbers: a first digit for the length, because leading zeros count, then the number. */
const articleLengths = [8, 13, 12, 14]

export function encodeArticle(text: string): string {
  const mark = /^\d+$/.test(text) ? articleLengths.indexOf(text.length) : -1
  return mark < 0 ? text : mark + encodeBase62(Number(text))
}

export function decodeArticle(text: string): string {
  const length = articleLengths['0123'.indexOf(text.charAt(0))]
  if (length === undefined || /^\d{8,14}$/.test(text)) return text
  const number = decodeBase62(text.slice(1))
  return Number.isNaN(number) ? text : String(number).padStart(length, '0')
}
