/** Deeper than any record should nest; what nests deeper is not followed. */
const deepest = 200

/**
 * Whether a value comes out of `JSON.parse(JSON.stringify(value))` as it went in. It does not if it holds
 * undefined, NaN, an infinity, -0, a hole, or an object that JSON spells in another way, such as a date.
 */
export function survivesJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || depth > deepest) return false
  if (Array.isArray(value)) return isPlainArray(value) && value.every((item) => survivesJson(item, depth + 1))
  if (!isPlainObject(value)) return false
  return Object.values(value).every((item) => survivesJson(item, depth + 1))
}

function isPlainArray(value: readonly unknown[]): boolean {
  return Object.getPrototypeOf(value) === Array.prototype && Object.keys(value).length === value.length
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value)
}
