import {
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
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
  const nanos = nanosOf(value)
  if (nanos !== undefined) return isoOf(nanos) ?? String(value)
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

/** A time of any of DuckDB's types, in nanoseconds since 1970. */
function nanosOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return value.micros * 1_000n
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000_000n
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1_000_000n
  return value instanceof DuckDBTimestampNanosecondsValue && value.isFinite ? value.nanos : undefined
}

const nanosInMilli = 1_000_000n

/** The last instant of JavaScript's calendar. */
const lastInstant = 8_640_000_000_000_000n * nanosInMilli

/** Nothing for infinity and years outside JavaScript's calendar, which stay as DuckDB writes them. */
function isoOf(nanos: bigint): string | undefined {
  if (nanos > lastInstant || nanos < -lastInstant) return undefined
  const below = ((nanos % nanosInMilli) + nanosInMilli) % nanosInMilli
  const iso = new Date(Number((nanos - below) / nanosInMilli)).toISOString()
  const digits = String(below).padStart(6, '0').replace(/000$/, '')
  return below === 0n ? iso : iso.replace('Z', `${digits}Z`)
}

/** A column's type as DuckDB names it. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? type.toString()
}
