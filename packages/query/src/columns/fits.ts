import type { ColumnType } from './column-type.js'

/** Whether a value of a row is held exactly by a column of the type. `null` is held by all. */
export type Fits = (value: unknown) => boolean

const isText: Fits = (value) => typeof value === 'string'
// Beyond the range of numbers, JSON's text holds more than the infinity that it parses to.
const isNumber: Fits = (value) => typeof value === 'number'

const fits: Readonly<Record<ColumnType, Fits>> = {
  VARCHAR: isText,
  DOUBLE: isNumber,
  BOOLEAN: (value) => typeof value === 'boolean',
  TIMESTAMP: (value) => typeof value === 'string' && isInstant(value),
  DATE: (value) => typeof value === 'string' && isDate(value),
  'VARCHAR[]': (value) => Array.isArray(value) && value.every((item) => item === null || isText(item)),
  'DOUBLE[]': (value) => Array.isArray(value) && value.every((item) => item === null || isNumber(item)),
  JSON: () => true,
}

export function fitsOf(type: ColumnType): Fits {
  return fits[type]
}

/** Days that the calendar has, of the years that both JavaScript and DuckDB write with four digits. */
function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined || year === '0000') return false
  const days = [31, isLeap(Number(year)) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1]
  return days !== undefined && Number(day) >= 1 && Number(day) <= days
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Whether a text is a time in UTC with at most milliseconds. A day alone is not, and would be shown as one. */
function isInstant(text: string): boolean {
  const match = /^(.{10})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/.exec(text)
  return match?.[1] !== undefined && isDate(match[1])
}
