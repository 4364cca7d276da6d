import { decodeBase62, encodeBase62 } from './base62.js'
import { unreadable } from './transform.js'

const day = 86_400_000
const hour = 3_600_000
const minute = 60_000
const second = 1000

/** The largest distance from 1970, in ms, that a date can have (ECMA-262, 21.4.1.1). */
const lastInstant = 8.64e15

/** Milliseconds since 1970, UTC. */
export function encodeDateTime(text: string): string {
  const ms = Date.parse(text)
  return Number.isFinite(ms) ? encodeBase62(ms) : text
}

export function decodeDateTime(text: string): string {
  return isoOf(decodeBase62(text)) ?? text
}

/** Days since 1970, UTC. */
export function encodeDate(text: string): string {
  const ms = Date.parse(text.includes('T') ? text : `${text}T00:00:00.000Z`)
  return Number.isFinite(ms) ? encodeBase62(Math.floor(ms / day)) : text
}

export function decodeDate(text: string): string {
  return isoOf(decodeBase62(text) * day)?.slice(0, 10) ?? text
}

/** Milliseconds since midnight. */
export function encodeTime(text: string): string {
  const parts = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/.exec(text)
  if (parts === null) return text
  const [, hours = '', minutes = '', seconds = '0', fraction = ''] = parts
  const ms = Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second
  return encodeBase62(ms + Number(fraction.padEnd(3, '0')))
}

export function decodeTime(text: string): string {
  const ms = decodeBase62(text)
  if (Number.isNaN(ms)) return text
  const two = (number: number) => String(number).padStart(2, '0')
  const time = [Math.floor(ms / hour), Math.floor(ms / minute) % 60, Math.floor(ms / second) % 60].map(two)
  return `${time.join(':')}.${String(ms % second).padStart(3, '0')}`
}

/** ISO 8601 durations of days, hours, minutes and seconds, in milliseconds. Other spellings are not written. */
export function encodeDuration(text: string): unknown {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text)
  if (parts === null || text === 'P' || text === 'PT') return unreadable
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = parts
  const total = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return encodeBase62(Math.round(total * second))
}

export function decodeDuration(text: string): string {
  const ms = text.startsWith('P') ? Number.NaN : decodeBase62(text)
  if (Number.isNaN(ms)) return text
  const days = Math.floor(ms / day)
  const time =
    amount(Math.floor((ms % day) / hour), 'H') +
    amount(Math.floor((ms % hour) / minute), 'M') +
    secondsOf(ms % minute)
  if (days === 0 && time === '') return 'PT0S'
  return `P${amount(days, 'D')}${time === '' ? '' : `T${time}`}`
}

function amount(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`
}

function secondsOf(ms: number): string {
  const fraction = ms % second
  const whole = Math.floor(ms / second)
  return fraction === 0 ? amount(whole, 'S') : `${whole}.${String(fraction).padStart(3, '0')}S`
}

function isoOf(ms: number): string | undefined {
  return Math.abs(ms) <= lastInstant ? new Date(ms).toISOString() : undefined
}
