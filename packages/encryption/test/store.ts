import {
  BackupError,
  type Batch,
  type Driver,
  type IndexEntry,
  type Row,
  type Source,
  type Target,
} from '@s3db-backup/core'

export interface Store extends Driver {
  readonly objects: Map<string, Uint8Array>
}

/** A driver over a map, for tests that look at every byte of what is stored. */
export function store(objects: Iterable<readonly [string, Uint8Array]> = []): Store {
  const map = new Map(objects)
  return {
    name: 'store',
    objects: map,
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(Buffer.from(chunk))
      const bytes = Buffer.concat(chunks)
      map.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      const bytes = map.get(key)
      if (bytes === undefined) throw new BackupError('not_found', `${key} is not there`)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, bytes] of [...map]) if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      map.delete(key)
    },
  }
}

/** Records by resource, in the order of their ids. */
export type Contents = Readonly<Record<string, readonly Row[]>>

/** A source over arrays that can tell what changed, as a database can. */
export function sourceOf(contents: Contents): Source {
  return {
    incremental: true,
    describe: async () => ({
      database: { bucket: 'secret-bucket-name' },
      identity: 'one database',
      resources: Object.keys(contents).map((name) => ({
        name,
        attributes: { secretAttribute: 'string' },
        partitions: {},
        timestamps: false,
      })),
    }),
    async *read(resource, { since }): AsyncGenerator<Batch> {
      const rows = contents[resource] ?? []
      if (since === undefined) return yield { rows, marks: rows.map(markOf) }
      const before = new Map<string, IndexEntry>()
      for await (const marks of since.index) for (const mark of marks) before.set(mark.id, mark)
      const changed = rows.filter((row) => before.get(row.id)?.hash !== markOf(row).hash)
      const ids = new Set(rows.map(({ id }) => id))
      yield {
        rows: changed,
        marks: changed.map(markOf),
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
        deleted: [...before.values()].filter(({ id }) => !ids.has(id)),
      }
    },
  }
}

const markOf = (row: Row): IndexEntry => ({ id: row.id, modified: 0, hash: String(row.name) })

/** A target over maps that also says whether it was ever touched. */
export function target(): Target & { readonly opened: () => boolean; readonly contents: () => Contents } {
  let opened = false
  const written = new Map<string, Row[]>()
  return {
    opened: () => opened,
    contents: () => Object.fromEntries(written),
    async open() {
      opened = true
    },
    async write(resource, batches) {
      const rows: Row[] = []
      written.set(resource, rows)
      for await (const batch of batches) rows.push(...batch.rows)
      return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

export const users = (...names: string[]): Row[] => names.map((name, i) => ({ id: `u${i}`, name }))
