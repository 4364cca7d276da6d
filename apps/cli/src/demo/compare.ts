import { isDeepStrictEqual } from 'node:util'

export type DemoRecord = { readonly id: string } & Readonly<Record<string, unknown>>

/** One difference. */
export interface Difference {
  readonly resource: string
  readonly id: string
  readonly what: string
}

/**
 * Compares inserted records with those that a database returns, both ways and field by field. Fields that begin with
 * `_` are s3db.js's own.
 */
export function compareRecords(
  resource: string,
  inserted: readonly DemoRecord[],
  found: readonly DemoRecord[],
): Difference[] {
  const foundById = new Map(found.map((record) => [record.id, record]))
  const known = new Set(inserted.map(({ id }) => id))
  const twice = found.length - foundById.size
  return [
    ...inserted.flatMap((record) => compareOne(resource, record, foundById.get(record.id))),
    ...[...foundById.keys()]
      .filter((id) => !known.has(id))
      .map((id) => ({ resource, id, what: 'was never inserted' })),
    ...(twice > 0 ? [{ resource, id: '', what: `${twice} records came twice` }] : []),
  ]
}

function compareOne(resource: string, before: DemoRecord, after: DemoRecord | undefined): Difference[] {
  const { id } = before
  if (after === undefined) return [{ resource, id, what: 'is missing' }]
  const fields = new Set([
    ...Object.keys(before),
    ...Object.keys(after).filter((name) => !name.startsWith('_')),
  ])
  return [...fields]
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({ resource, id, what: `${field} differs` }))
}

/** Compares the ids that a partition lists with those that belong there. */
export function compareIds(
  resource: string,
  partition: string,
  expected: readonly string[],
  listed: readonly string[],
): Difference[] {
  const [should, are] = [new Set(expected), new Set(listed)]
  return [
    ...expected
      .filter((id) => !are.has(id))
      .map((id) => ({ resource, id, what: `is not listed in ${partition}` })),
    ...[...are]
      .filter((id) => !should.has(id))
      .map((id) => ({
        resource,
        id,
        what: `should not be listed in ${partition}`,
      })),
  ]
}
