/** The fields of a record, or of a value in it. */
export type Fields = { [field: string]: unknown }

/**
 * Puts a value at a path in a record, and makes what is missing on the way: an array for a step that is a place in one,
 * as s3db.js does, and an object for any other. s3db.js puts all numbers, and names beside them, into arrays; JSON has no
 * names in arrays, and a date for a place would be millions of empty places, so such an array becomes an object.
 *
 * False if the path leads through something without fields, or to an object's prototype.
 */
export function placeDeep(row: Fields, path: readonly string[], value: unknown): boolean {
  if (path.includes('__proto__')) return false
  const [first = '', ...further] = path
  let here = row
  let step = first
  for (const next of further) {
    const inner = roomFor(next, Object.hasOwn(here, step) ? here[step] : undefined)
    if (!hasFields(inner)) return false
    here[step] = inner
    here = inner
    step = next
  }
  here[step] = value
  return true
}

/** Where a step can be put: what is there already, where it has room for it. */
function roomFor(step: string, there: unknown): unknown {
  if (!there) return isPlace(step) ? [] : {}
  return Array.isArray(there) && !isPlace(step) ? { ...there } : there
}

/** The longest array that indexes in keys may make has 10,000 places. */
function isPlace(step: string): boolean {
  return /^(?:0|[1-9]\d{0,3})$/.test(step)
}

function hasFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}
