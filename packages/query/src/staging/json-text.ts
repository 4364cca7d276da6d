/**
 * A value as JSON that DuckDB reads as JSON.parse reads it: infinite numbers as numbers beyond the range, a negative zero
 * with its fraction, without which DuckDB drops the sign. Half surrogates, which no text of SQL can hold, become U+FFFD.
 * `from` is the text that the value was read from.
 */
export function jsonText(value: unknown, from: string): string {
  const odd = /\d[eE]\+?\d{3}|-0/.test(from)
  return (odd ? JSON.stringify(value, exactNumber) : JSON.stringify(value)).replace(halfSurrogates, '\ufffd')
}

function exactNumber(_name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  if (!Number.isFinite(value)) return rawJson(value > 0 ? '1e999' : '-1e999')
  return Object.is(value, -0) ? rawJson('-0.0') : value
}

/** `JSON.rawJSON`, which TypeScript does not know yet. */
function rawJson(text: string): unknown {
  const raw: unknown = Reflect.get(JSON, 'rawJSON')
  return typeof raw === 'function' ? raw.call(JSON, text) : Number(text)
}

/** Half surrogates as JSON.stringify writes them. An even number of backslashes before it are escaped backslashes. */
const halfSurrogates = /(?<=(?:^|[^\\])(?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g
