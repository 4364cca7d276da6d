import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BackupError,
  type BackupOptions,
  backup,
  compareIds,
  type Driver,
  type IndexEntry,
  type JsonValue,
  type Row,
  type Source,
} from '@s3db-backup/core'
import { contentHash, openChain, readChain } from '@s3db-backup/core/internal'
import { onTestFinished } from 'vitest'
import { openQuery, type QueryOptions, type QuerySession } from '../src/index.js'

export interface StoredResource {
  readonly attributes?: Readonly<Record<string, JsonValue>>
  readonly timestamps?: boolean
  readonly rows: readonly Row[]
}

export type Database = Readonly<Record<string, StoredResource>>

/** A driver over a map of objects. */
export function memory(objects = new Map<string, Uint8Array>()) {
  const driver: Driver & { readonly objects: Map<string, Uint8Array>; readonly reads: string[] } = {
    name: 'memory',
    objects,
    reads: [],
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      driver.reads.push(key)
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', `No object ${key}`)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, bytes] of [...objects].sort(([a], [b]) => compareIds(a, b)))
        if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
  return driver
}

/** A source that tells only what changed since the parent's key index. */
function sourceOf(database: Database): Source {
  return {
    incremental: true,
    describe: async () => ({
      database: { name: 'test' },
      resources: Object.entries(database).map(([name, { attributes = {}, timestamps = false }]) => ({
        name,
        attributes,
        partitions: {},
        timestamps,
      })),
    }),
    async *read(resource, { since }) {
      const rows = database[resource]?.rows ?? []
      const before = new Map<string, IndexEntry>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const changed = rows
        .filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row)))
        .sort((a, b) => compareIds(a.id, b.id))
      const ids = new Set(rows.map(({ id }) => id))
      yield {
        rows: changed,
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
        deleted: [...before.values()].filter(({ id }) => !ids.has(id)),
      }
    },
  }
}

/** Takes the states one after the other, the first in full; gives the id of the last backup. */
export async function takeAll(
  driver: Driver,
  states: readonly Database[],
  options: Partial<BackupOptions> = {},
): Promise<string> {
  let last = ''
  for (const [index, state] of states.entries()) {
    const { id } = await backup({
      source: sourceOf(state),
      driver,
      ...(index === 0 ? {} : { type: 'incremental', incremental: {} }),
      now: () => new Date(Date.UTC(2024, 0, 1, index)),
      ...options,
    })
    last = id
  }
  return last
}

/** The records of a resource by core's own reader. */
export async function recordsByCore(
  { driver, id, encryption }: Pick<QueryOptions, 'driver' | 'id' | 'encryption'>,
  resource: string,
): Promise<Row[]> {
  const { signal } = new AbortController()
  const chain = await openChain({ driver, id, encryption, operation: 'download', signal })
  const found: Row[] = []
  for await (const { rows } of readChain(chain, resource)) found.push(...rows)
  return found
}

/** Opens a query that ends with the test, in a folder of its own. */
export async function opened(
  options: Omit<QueryOptions, 'tempDir'>,
): Promise<QuerySession & { readonly tempDir: string }> {
  const tempDir = await temporaryFolder()
  const session = await openQuery({ ...options, tempDir })
  onTestFinished(() => session.close())
  return Object.assign(session, { tempDir })
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 's3db-backup-query-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** All rows of a query. */
export async function rowsOf(session: QuerySession, ...[sql, call]: Parameters<QuerySession['query']>) {
  const { batches } = await session.query(sql, call)
  const rows = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

/** The records of a resource by SQL: the fields of each that are not null. */
export async function recordsBySql(
  session: QuerySession,
  resource: string,
): Promise<Record<string, unknown>[]> {
  const table = session.tables().find((one) => one.resource === resource)
  if (table === undefined) throw new Error(`No table of ${resource}`)
  const rows = await rowsOf(session, `SELECT * FROM "${table.name.replaceAll('"', '""')}"`)
  return rows.map((row) => {
    const record = new Map<string, unknown>()
    for (const [index, { field }] of table.columns.entries()) {
      const value = row[index]
      if (value === null || value === undefined) continue
      if (field !== null) record.set(field, value)
      else for (const [name, item] of Object.entries(value)) if (item !== null) record.set(name, item)
    }
    return Object.fromEntries(record)
  })
}

/** Records without the fields that are null: SQL does not tell them from absent ones. */
export function withoutNulls(records: readonly Row[]): Record<string, unknown>[] {
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== undefined)),
  )
}

export function byId(records: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return [...records].sort((a, b) => compareIds(String(a.id), String(b.id)))
}
