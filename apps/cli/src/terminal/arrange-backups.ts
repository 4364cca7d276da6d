import type { ListedBackup } from '@s3db-backup/plugin-adapter'

/** Which backups a list shows. */
export interface Wanted {
  /** Only those whose notes have these values. */
  readonly tag?: Readonly<Record<string, string>> | undefined
  /** Only those that hold this resource. */
  readonly resource?: string | undefined
}

/** Whether a backup matches the filters. One that is damaged or without its key does not. */
export function isWanted(backup: ListedBackup, { tag = {}, resource }: Wanted): boolean {
  if (resource === undefined && Object.keys(tag).length === 0) return true
  if (backup.status === 'damaged') return false
  const { metadata, resources } = backup
  const tagged = Object.entries(tag).every(([name, value]) => textOf(metadata?.[name]) === value)
  return tagged && (resource === undefined || resources?.includes(resource) === true)
}

/** Backups under one heading, in the order of the first of each group. `type`, `day` and `month` are known; else a note. */
export function grouped(
  backups: readonly ListedBackup[],
  by: string,
): { readonly name: string; readonly backups: readonly ListedBackup[] }[] {
  const groups = new Map<string, ListedBackup[]>()
  for (const backup of backups) {
    const name = groupOf(backup, by)
    groups.set(name, [...(groups.get(name) ?? []), backup])
  }
  return [...groups].map(([name, some]) => ({ name, backups: some }))
}

function groupOf(backup: ListedBackup, by: string): string {
  if (backup.status === 'damaged') return 'damaged'
  if (by === 'type') return backup.type
  if (by === 'day') return backup.timestamp.slice(0, 10)
  if (by === 'month') return backup.timestamp.slice(0, 7)
  return textOf(backup.metadata?.[by]) ?? `without ${by}`
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * What builds on a backup below it, a step to the right, the older first; those that need no other in the order given. The
 * ids are for people: they begin with the branch that they hang on.
 */
export function asTree(backups: readonly ListedBackup[]): ListedBackup[] {
  const ids = new Set(backups.map(({ id }) => id))
  const children = new Map<string, ListedBackup[]>()
  const roots: ListedBackup[] = []
  for (const backup of backups) {
    const parent = backup.status === 'damaged' ? null : backup.parent
    if (parent === null || parent === backup.id || !ids.has(parent)) roots.push(backup)
    else children.set(parent, [backup, ...(children.get(parent) ?? [])])
  }
  const drawn: ListedBackup[] = []
  // Without recursion, because chains can be long.
  const open = roots.map((backup) => ({ backup, depth: 0 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { backup, depth } = next
    drawn.push(depth === 0 ? backup : { ...backup, id: `${' '.repeat(depth - 1)}└${backup.id}` })
    const below = children.get(backup.id) ?? []
    children.delete(backup.id)
    open.push(...below.map((child) => ({ backup: child, depth: depth + 1 })).reverse())
  }
  // A backup that is its own ancestor has no place in the tree, but is still shown.
  return [...drawn, ...[...children.values()].flat()]
}
