import { decodeBase62, encodeBase62 } from './base62.js'
import { onText, type Transform, unreadable } from './transform.js'

const ip4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** Four bytes in base64. */
export const encodeIp4: Transform = onText((text) => {
  const octets = octetsOf(text)
  return octets === undefined ? text : Buffer.from(octets).toString('base64')
})

export const decodeIp4: Transform = onText((text) => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 4 ? bytes.join('.') : text
})

/** Sixteen bytes in base64. An address with an embedded IPv4 part or a zone is left to the raw form. */
export const encodeIp6: Transform = onText((text) => {
  if (!text.includes(':')) return text
  const groups = groupsOf(text)
  if (groups === undefined) return unreadable
  const bytes = groups.flatMap((group) => [group >> 8, group & 255])
  return Buffer.from(bytes).toString('base64')
})

/** The shortest spelling: no leading zeros, the first longest run of zero groups as `::` (RFC 5952). */
export const decodeIp6: Transform = onText((text) => {
  if (text.length !== 24) return text
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== 16) return text
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  const run = longestZeroRun(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
})

/** 48 bits, nine base 62 digits. */
export function encodeMac(text: string): string {
  const hex = text.replaceAll(':', '')
  return hex.length === 12 ? encodeBase62(Number.parseInt(hex, 16)).padStart(9, '0') : text
}

export function decodeMac(text: string): string {
  const number = text.length === 9 ? decodeBase62(text) : Number.NaN
  if (Number.isNaN(number)) return text
  return number
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:')
}

/** The address as six base 62 digits, then the prefix length. */
export function encodeCidr(text: string): unknown {
  const [address = '', prefix = ''] = text.split('/')
  if (!text.includes('/')) return text
  const octets = octetsOf(address)
  if (octets === undefined || !/^\d+$/.test(prefix)) return unreadable
  return encodeBase62(Buffer.from(octets).readUInt32BE()).padStart(6, '0') + encodeBase62(Number(prefix))
}

export function decodeCidr(text: string): string {
  if (text.length !== 7 || text.includes('.')) return text
  const address = decodeBase62(text.slice(0, 6))
  const prefix = decodeBase62(text.slice(6))
  if (Number.isNaN(address) || Number.isNaN(prefix)) return text
  const octets = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255)
  return `${octets.join('.')}/${prefix}`
}

function octetsOf(text: string): number[] | undefined {
  const octets = ip4.exec(text)?.slice(1).map(Number)
  return octets?.every((octet) => octet < 256) ? octets : undefined
}

function groupsOf(text: string): number[] | undefined {
  const [left = '', right, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const absent = 8 - head.length - tail.length
  if (right === undefined ? absent !== 0 : absent < 1) return undefined
  const groups = [...head, ...new Array<string>(absent).fill('0'), ...tail]
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let start = 0
  for (const [index, group] of groups.entries()) {
    if (group !== '0') start = index + 1
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start }
  }
  return longest
}
