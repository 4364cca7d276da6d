import { decodeBase62, decodeDecimal, encodeBase62, encodeDecimal } from './base62.js'
import { fixedNumber, vectorNumbers } from './fixed-point.js'
import type { Transform } from './transform.js'

/** Arrays as one text: items joined with a separator (`|` by default), which a backslash escapes in strings. */

/** Nothing at all for an empty array. An array that holds one empty string cannot be told from it. */
export function joinStrings(separator: string): Transform {
  const escaped = (item: unknown) => {
    if (typeof item !== 'string') return String(item)
    if (!item.includes('\\') && !item.includes(separator)) return item
    return item.replaceAll('\\', '\\\\').replaceAll(separator, `\\${separator}`)
  }
  return (value) => (Array.isArray(value) ? value.map(escaped).join(separator) : value)
}

export function splitStrings(separator: string): Transform {
  return (value) => {
    if (Array.isArray(value) || value === null || value === undefined) return value
    return split(String(value), separator)
  }
}

/** Whole numbers in base 62. */
export function joinIntegers(separator: string): Transform {
  return joinNumbers(separator, encodeBase62)
}

export function splitIntegers(separator: string): Transform {
  return (value) => numbersOf(value, separator, decodeBase62)
}

/** Numbers with a decimal point. */
export function joinDecimals(separator: string): Transform {
  return joinNumbers(separator, encodeDecimal)
}

export function splitDecimals(separator: string): Transform {
  return (value) => numbersOf(value, separator, decodeDecimal)
}

/** Vectors: `^[a,b]`, or the older joined form. */
export function splitVector(separator: string, places: number): Transform {
  return (value) => {
    if (Array.isArray(value)) return value
    if (typeof value === 'string' && value.startsWith('^[')) return vectorNumbers(value, places)
    return numbersOf(value, separator, (item) => fixedNumber(item, places))
  }
}

function joinNumbers(separator: string, one: (number: number) => string): Transform {
  return (value) => {
    if (!Array.isArray(value)) return value
    return value.map((item: unknown) => (Number.isNaN(Number(item)) ? '' : one(Number(item)))).join(separator)
  }
}

function numbersOf(value: unknown, separator: string, one: (item: string) => number): unknown {
  if (value === null || value === undefined) return value
  if (Array.isArray(value))
    return value.map((item: unknown) => (typeof item === 'number' ? item : one(String(item))))
  return split(String(value), separator).map((item) => (item === '' ? Number.NaN : one(item)))
}

function split(text: string, separator: string): string[] {
  if (text === '') return []
  if (!text.includes('\\')) return separator.length === 1 ? text.split(separator) : [text]
  const items: string[] = []
  let item = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '\\' && at + 1 < text.length) item += text.charAt(++at)
    else if (character === separator) {
      items.push(item)
      item = ''
    } else item += character
  }
  items.push(item)
  return items
}
