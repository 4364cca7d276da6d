import type { ListedBackup } from '../../../api/backups.js'

export type Column = 'at' | 'type' | 'state' | 'records' | 'bytes' | 'duration'

export type Query = Readonly<Record<string, string>>

export const columns: readonly { readonly key: Column; readonly name: string; readonly number?: true }[] = [
  { key: 'at', name: 'Made' },
  { key: 'type', name: 'Type' },
  { key: 'state', name: 'State' },
  { key: 'records', name: 'Records', number: true },
  { key: 'bytes', name: 'Size', number: true },
  { key: 'duration', name: 'Took', number: true },
]

interface Arranged {
  readonly backup: ListedBackup
  readonly depth: number
}

export function arranged(all: readonly ListedBackup[], query: Query): Arranged[] {
  const wanted = (query.q ?? '').toLowerCase()
  const [tag, value] = splitTag(query.tag)
  const some = all.filter(
    (one) =>
      (query.series === undefined || query.series === '' || one.series === query.series) &&
      (query.state === undefined || (query.state === 'complete') === (one.state === 'complete')) &&
      (tag === undefined || one.tags[tag] === value) &&
      (wanted === '' || textsOf(one).some((text) => text.toLowerCase().includes(wanted))),
  )
  if (query.tree === '1') return asTree(some)
  const key = columns.find((column) => column.key === query.sort)?.key ?? 'at'
  const factor = query.dir === 'up' ? 1 : -1
  const sorted = [...some].sort((a, b) => factor * compare(a[key], b[key]))
  return sorted.map((backup) => ({ backup, depth: 0 }))
}

function textsOf({ id, resources, tags }: ListedBackup): string[] {
  return [id, ...resources, ...Object.entries(tags).map(([name, value]) => `${name}=${value}`)]
}

export function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '').localeCompare(String(b ?? ''))
}

/** What builds on a backup below it. Chains can be long: without recursion. */
function asTree(some: readonly ListedBackup[]): Arranged[] {
  const newestFirst = [...some].sort((a, b) => compare(b.at, a.at))
  const ids = new Set(some.map(({ id }) => id))
  const children = new Map<string, ListedBackup[]>()
  const roots: ListedBackup[] = []
  for (const backup of newestFirst) {
    const { parent, id } = backup
    if (parent === null || parent === id || !ids.has(parent)) roots.push(backup)
    else children.set(parent, [...(children.get(parent) ?? []), backup])
  }
  const drawn: Arranged[] = []
  const open: Arranged[] = roots.map((backup) => ({ backup, depth: 0 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    drawn.push(next)
    const { backup, depth } = next
    // Children are pushed newest first, so that the older ones are popped first.
    open.push(...(children.get(backup.id) ?? []).map((child) => ({ backup: child, depth: depth + 1 })))
    children.delete(backup.id)
  }
  return drawn
}

export function timeOf(all: readonly ListedBackup[], id: string): string {
  return all.find((one) => one.id === id)?.at ?? ''
}

export function seriesNames(all: readonly ListedBackup[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { series, resources, locked } of all)
    if (series !== null && !names.has(series))
      names.set(
        series,
        locked
          ? `encrypted (${series.slice(0, 6)})`
          : `${resources.slice(0, 3).join(', ') || 'no resources'}${resources.length > 3 ? '…' : ''} (${series.slice(0, 6)})`,
      )
  return names
}

export function tagsOf(all: readonly ListedBackup[]): string[] {
  const tags = new Set(
    all.flatMap((one) => Object.entries(one.tags).map(([name, value]) => `${name}=${value}`)),
  )
  return [...tags].sort().slice(0, 200)
}

export function splitTag(tag: string | undefined): [string | undefined, string] {
  if (tag === undefined || tag === '') return [undefined, '']
  const at = tag.indexOf('=')
  return [tag.slice(0, at), tag.slice(at + 1)]
}
