import { BackupError, compareIds } from '@s3db-backup/core'

/** A range of keys, in the order of listings. An omitted end has no bound. */
export interface KeyRange {
  /** Only keys after this one; it is not among them. */
  readonly after?: string | undefined
  /** Only keys up to this one; it is among them. */
  readonly upTo?: string | undefined
}

export function isIn(range: KeyRange | undefined, key: string): boolean {
  const { after } = range ?? {}
  return (after === undefined || compareIds(key, after) > 0) && !isAfter(range, key)
}

/** Whether nothing of the range comes after this key. */
export function isAfter(range: KeyRange | undefined, key: string): boolean {
  return range?.upTo !== undefined && compareIds(key, range.upTo) > 0
}

export function within<T extends { readonly key: string }>(
  range: KeyRange | undefined,
  objects: readonly T[],
): T[] {
  return objects.filter(({ key }) => isIn(range, key))
}

export function notInOrder(before: string, key: string): BackupError {
  return new BackupError(
    'unsupported',
    `The database lists ${JSON.stringify(before)} before ${JSON.stringify(key)}; ranges need keys in their order`,
    { suggestion: 'Take the backup in one process, without shards.', metadata: { before, key } },
  )
}
