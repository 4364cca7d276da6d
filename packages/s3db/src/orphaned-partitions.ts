/** A partition that s3db.js refuses when it opens the definition again. */
export interface OrphanedPartition {
  readonly partition: string
  /** A field of it that the resource does not have. */
  readonly field: string
}

/**
 * The partitions whose fields are not attributes. s3db.js creates them itself if two resources share one object of
 * partitions and one of them has timestamps: the other one then has partitions by `createdAt` and `updatedAt`.
 */
export function orphanedPartitions(
  attributes: Readonly<Record<string, unknown>>,
  partitions: Readonly<Record<string, unknown>>,
): OrphanedPartition[] {
  return Object.entries(partitions).flatMap(([partition, definition]) => {
    const fields: unknown = definition instanceof Object ? Reflect.get(definition, 'fields') : undefined
    const missing = Object.keys(fields instanceof Object ? fields : {}).find(
      (field) => !exists(attributes, field),
    )
    return missing === undefined ? [] : [{ partition, field: missing }]
  })
}

/** As s3db.js looks for them: names of its own begin with `_`, and dots lead into nested objects. */
function exists(attributes: object, field: string): boolean {
  if (field.startsWith('_')) return true
  let level: unknown = attributes
  for (const name of field.split('.')) {
    if (!(level instanceof Object) || !Object.hasOwn(level, name)) return false
    level = Reflect.get(level, name)
  }
  return true
}
