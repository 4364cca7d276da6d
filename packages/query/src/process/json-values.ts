import {
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api'

/**
 * Values as JSON. JSON columns stay as they are; times are ISO 8601 in UTC; whole numbers that JavaScript cannot
 * represent exactly, decimals, and numbers that are not finite, are texts.
 */
export function jsonOf(value: DuckDBValue, type: DuckDBType | undefined): Json {
  if (type === undefined) throw new Error('A row has more values than the result has columns')
  return toJson(value, type, toJson)
}

const toJson: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null) return null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'string') return type.alias === 'JSON' ? parsed(value) : value
  if (value instanceof DuckDBTimestampValue) return isoOf(value)
  return JsonDuckDBValueConverter(value, type, converter)
}

/** DuckDB's own checks are looser than JSON: what is not JSON stays the text that it is. */
function parsed(text: string): Json {
  try {
    // A number can only be infinite, which JSON cannot represent, with a large exponent or very many digits.
    const value: Json = /\d[eE]\+?\d{3}|\d{309}/.test(text) ? JSON.parse(text, finite) : JSON.parse(text)
    return value
  } catch {
    return text
  }
}

function finite(_name: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

/** The last instant of JavaScript's calendar, in microseconds. */
const lastInstant = 8_640_000_000_000_000_000n

function isoOf(value: DuckDBTimestampValue): string {
  const { micros } = value
  // Infinity and years outside JavaScript's calendar stay as DuckDB writes them.
  if (micros > lastInstant || micros < -lastInstant) return value.toString()
  const below = ((micros % 1000n) + 1000n) % 1000n
  const iso = new Date(Number((micros - below) / 1000n)).toISOString()
  return below === 0n ? iso : iso.replace('Z', `${String(below).padStart(3, '0')}Z`)
}

/** A column's type as DuckDB names it. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? type.toString()
}
