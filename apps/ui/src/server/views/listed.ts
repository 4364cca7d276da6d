import type { ListedBackup as PluginListed, UnfinishedBackup } from '@s3db-backup/plugin-adapter'
import type { ListedBackup, State } from '../../api/backups.js'
import { plainText } from '../plain-text.js'

type Overview = {
  readonly backups: readonly PluginListed[]
  readonly unfinished: readonly UnfinishedBackup[]
}

/** Everything at the destination, as lines of one list, in the given order. */
export function listed({ backups, unfinished }: Overview): ListedBackup[] {
  return [...unfinished.map(ofUnfinished), ...backups.map(ofBackup)]
}

export function ofBackup(backup: PluginListed): ListedBackup {
  if (backup.status === 'damaged')
    return { ...nothing, id: backup.id, state: 'damaged', why: said(backup.error) }
  const { id, type, timestamp, series, parent, records, compressed, duration, resources, encrypted } = backup
  const locked = backup.unread !== undefined
  return {
    ...{ id, type, series, parent, duration, encrypted, locked },
    state: stateOf(backup),
    at: timestamp,
    records,
    bytes: compressed,
    resources: resources?.slice(0, 1000) ?? [],
    tags: tagsOf(backup.metadata),
    copies: 1 + (backup.copies?.length ?? 0),
    datedAhead: backup.datedAhead === true,
    why: whyOf(backup),
  }
}

const nothing: Omit<ListedBackup, 'id' | 'state' | 'why'> = {
  type: null,
  at: null,
  series: null,
  parent: null,
  records: null,
  bytes: 0,
  duration: null,
  resources: [],
  encrypted: false,
  locked: false,
  tags: {},
  copies: 0,
  datedAhead: false,
}

const unfinishedStates = { 'in-progress': 'running', incomplete: 'abandoned', failed: 'failed' } as const

function ofUnfinished({ id, type, status, timestamp, size, error }: UnfinishedBackup): ListedBackup {
  return {
    ...nothing,
    ...{ id, type, at: timestamp, bytes: size },
    state: unfinishedStates[status],
    why: error === null || error === undefined ? null : said(error),
  }
}

type Readable = Exclude<PluginListed, { readonly status: 'damaged' }>

function stateOf({ lacks, status }: Readable): State {
  if (lacks !== undefined) return 'broken'
  return status === 'incomplete' ? 'incomplete' : 'complete'
}

function whyOf({ lacks, status, datedAhead }: Readable): string | null {
  if (lacks !== undefined) return `It builds on ${lacks}, which is missing, and cannot be restored`
  if (status === 'incomplete') return 'Some records could not be read when it was made'
  if (datedAhead === true) return "It is dated ahead of the storage's clock"
  return null
}

/** Notes as texts, the first twenty, none of them long. */
function tagsOf(metadata: Readable['metadata']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {})
      .slice(0, 20)
      .map(([name, value]) => [
        name.slice(0, 100),
        (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200),
      ]),
  )
}

function said(error: unknown): string {
  if (error instanceof Error) return plainText(error.message)
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : error
  return plainText(String(message ?? 'unknown'))
}
