import {
  type BackupResult,
  backup,
  type Driver,
  openCatalog,
  records,
  type Source,
  verify,
} from '@s3db-backup/core'
import { type MemoryDriver, patternAt } from '@s3db-backup/driver-testkit'

const { signal } = new AbortController()

/** A call for a part that nobody aborts. */
export const call = { signal, kind: 'part' } as const

/** A database with two resources, enough for several parts. */
export function source(): Source {
  const rows = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, note: 'x'.repeat(200) }))
  return records({ orders: { records: rows('o', 40) }, users: { records: rows('u', 25) } })
}

/** Backs the database up into several small parts. */
export function backUp(
  driver: Driver,
  options: { signal?: AbortSignal; from?: Source; verify?: boolean } = {},
): Promise<BackupResult> {
  const { from = source(), ...rest } = options
  return backup({ source: from, driver, maxPartBytes: 4096, verify: false, ...rest })
}

/** The keys that a replica holds, but for the notes that failed backups leave. */
export function keysOf({ objects }: MemoryDriver): string[] {
  return [...objects.keys()].filter((key) => !key.endsWith('/failed.json')).sort()
}

/** The backups that a replica claims to have, each verified against its own manifest. */
export async function backupsAt(driver: Driver): Promise<{ id: string; ok: boolean }[]> {
  const { backups } = await openCatalog(driver).list()
  return Promise.all(backups.map(async ({ id }) => ({ id, ok: (await verify({ driver, id })).ok })))
}

/** Begins a backup in a directory, as core does: with the note of its start. */
export async function begin(driver: Driver, directory: string): Promise<void> {
  await driver.put(`${directory}/started.json`, body(10), { ...call, kind: 'note', begins: true })
}

/** What of a backup a replica holds, but for the notes beside it. */
export function partsOf(driver: MemoryDriver): string[] {
  return keysOf(driver).filter((key) => !key.endsWith('/started.json'))
}

/** Bytes to store, in chunks of a size. */
export async function* body(size: number, chunk = 10): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < size; from += chunk) yield patternAt(from, Math.min(chunk, size - from))
}

export async function read(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** What a promise rejects with; a promise that resolves fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  if (outcome === undefined) throw new Error('It resolved and should have rejected.')
  return outcome.error
}

/** A database that says what changed: each incremental backup has one more record. */
export function growing(): Source {
  return {
    ...records({ users: { records: [] } }),
    incremental: true,
    async *read(_resource, { since }) {
      if (since !== undefined) for await (const unchanged of since.index) yield { rows: [], unchanged }
      yield { rows: [{ id: since === undefined ? 'a' : 'b' }] }
    },
  }
}
