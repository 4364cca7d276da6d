import { decodeBase62, encodeBase62 } from './base62.js'
import { isFiniteNumber, type Transform } from './transform.js'

/** Values in whole steps of 10^-places, in base 62 behind a mark: `$` money, `^` decimals, `~` coordinates. */

function scaled(number: number, places: number): string {
  const steps = Math.round(number * 10 ** places)
  return steps === 0 ? '0' : encodeBase62(steps)
}

function unscaled(text: string, places: number): number {
  return decodeBase62(text) / 10 ** places
}

export function encodeMoney(places: number): Transform {
  return (value) => (typeof value === 'number' ? `$${encodeBase62(Math.round(value * 10 ** places))}` : value)
}

export function decodeMoney(places: number): Transform {
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith('$')) return value
    const number = unscaled(value.slice(1), places)
    return Number.isNaN(number) ? value : number
  }
}

export function encodeFixed(places: number): Transform {
  return (value) => {
    if (typeof value !== 'number') return value
    return Number.isFinite(value) ? `^${scaled(value, places)}` : 'undefined'
  }
}

export function decodeFixed(places: number): Transform {
  return (value) => (typeof value === 'string' ? fixedNumber(value, places) : value)
}

/** NaN without the mark. */
export function fixedNumber(text: string, places: number): number {
  return text.startsWith('^') ? unscaled(text.slice(1), places) : Number.NaN
}

/** Vectors: `^[a,b,c]`. An item that is not a number is an empty place. */
export function encodeVector(places: number): Transform {
  return (value) => {
    if (!Array.isArray(value)) return value
    return `^[${value.map((item: unknown) => (isFiniteNumber(item) ? scaled(item, places) : '')).join(',')}]`
  }
}

/** The numbers of a text that begins with `^[`. */
export function vectorNumbers(text: string, places: number): number[] {
  const inner = text.slice(2, -1)
  if (inner === '') return []
  return inner.split(',').map((item) => (item === '' ? Number.NaN : unscaled(item, places)))
}

/** Half the range of a coordinate, added so that what is stored is never negative. */
export type HalfRange = 90 | 180

export function encodeCoordinate(half: HalfRange, places: number): Transform {
  return (value) => {
    if (!isFiniteNumber(value) || Math.abs(value) > half) return value
    return coordinate(value, half, places)
  }
}

export function decodeCoordinate(half: HalfRange, places: number): Transform {
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith('~')) return value
    return unscaled(value.slice(1), places) - half
  }
}

/** Latitude and longitude one after the other: `~4uOy8~91ALO`. */
export function encodePoint(places: number): Transform {
  return (value) => {
    const [latitude, longitude] = latitudeAndLongitude(value)
    if (!isFiniteNumber(latitude) || !isFiniteNumber(longitude)) return value
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return value
    return coordinate(latitude, 90, places) + coordinate(longitude, 180, places)
  }
}

export function decodePoint(places: number): Transform {
  return (value) => {
    if (typeof value !== 'string') return value
    const [latitude, longitude, ...more] = value.split('~').filter((part) => part !== '')
    if (latitude === undefined || longitude === undefined || more.length > 0) {
      return { latitude: Number.NaN, longitude: Number.NaN }
    }
    return { latitude: unscaled(latitude, places) - 90, longitude: unscaled(longitude, places) - 180 }
  }
}

function coordinate(value: number, half: HalfRange, places: number): string {
  return `~${encodeBase62(Math.round((value + half) * 10 ** places))}`
}

function latitudeAndLongitude(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.length === 2 ? value : []
  if (typeof value !== 'object' || value === null) return []
  if ('lat' in value && 'lon' in value) return [value.lat, value.lon]
  return 'latitude' in value && 'longitude' in value ? [value.latitude, value.longitude] : []
}
