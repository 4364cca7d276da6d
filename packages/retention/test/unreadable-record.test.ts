import {
  BackupError,
  backup,
  type Driver,
  type IndexEntry,
  openCatalog,
  prune,
  type Row,
  restore,
  type Source,
  type Target,
  verify,
} from '@s3db-backup/core'
import { contentHash } from '@s3db-backup/core/internal'
import { expect, test } from 'vitest'
import { catalogBackup, parsePolicy, plan } from '../src/index.js'

const unreadable = 'order-0013'

function memory(): Driver & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>()
  return {
    name: 'memory',
    objects,
    async put(key, body) {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk.slice())
      const bytes = Buffer.concat(chunks)
      objects.set(key, bytes)
      return { bytes: bytes.byteLength }
    },
    async *get(key) {
      const bytes = objects.get(key)
      if (bytes === undefined) throw new BackupError('not_found', `${key} is not there`)
      yield bytes
    },
    async *list(prefix) {
      for (const [key, bytes] of [...objects])
        if (key.startsWith(prefix)) yield { key, bytes: bytes.byteLength }
    },
    async delete(key) {
      objects.delete(key)
    },
  }
}

/** Orders, one of which exists and can never be read. */
function orders(rows: ReadonlyMap<string, Row>): Source {
  return {
    incremental: true,
    describe: async () => ({
      database: {},
      resources: [{ name: 'orders', attributes: {}, partitions: {}, timestamps: false }],
    }),
    async *read(_, { since }) {
      const before = new Map<string, IndexEntry>()
      for await (const marks of since?.index ?? []) for (const mark of marks) before.set(mark.id, mark)
      const changed = [...rows.values()]
        .filter((row) => before.get(row.id)?.hash !== contentHash(JSON.stringify(row)))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
      yield {
        rows: changed,
        replaced: changed.flatMap(({ id }) => before.get(id) ?? []),
        deleted: [...before.values()].filter(({ id }) => !rows.has(id)),
        lost: [{ id: unreadable, reason: 'AccessDenied' }],
      }
    },
  }
}

function emptyTarget(): Target & { readonly rows: Row[] } {
  const rows: Row[] = []
  return {
    rows,
    open: async () => undefined,
    async write(_, batches) {
      for await (const batch of batches) rows.push(...batch.rows)
      return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

test('one permanently unreadable record stops nothing: sixty nightly backups name it, are pruned and can be restored', async () => {
  const driver = memory()
  const rows = new Map<string, Row>()
  const put = (i: number, value: number) => {
    const id = `order-${String(i).padStart(4, '0')}`
    if (id !== unreadable) rows.set(id, { id, value })
  }
  for (let i = 0; i < 100; i++) put(i, 0)
  const policy = parsePolicy({ keepLast: 7 })
  const incremental = { maxChain: 10, fullIfNeeded: true }

  for (let night = 1; night <= 60; night++) {
    put(night % 100, night)
    put(100 + night, night)
    rows.delete(`order-${String(50 + (night % 40)).padStart(4, '0')}`)
    const now = () => new Date(Date.UTC(2024, 0, night, 2))
    const made = backup({ source: orders(rows), driver, type: 'nightly', incremental, now })
    await expect(made).rejects.toMatchObject({
      code: 'incomplete',
      metadata: { lost: { orders: [{ id: unreadable, reason: 'AccessDenied' }] } },
    })
    await prune({ driver, plan: (entries, at) => plan(entries.map(catalogBackup), policy, at), now })
    const { backups } = await openCatalog(driver).list()
    // The last seven, the chain that they need, and the first night, which lacks a record that no earlier backup had
    // lost.
    expect(backups.length).toBeLessThanOrEqual(7 + 10 + 1)
    expect(Date.parse(backups[0]!.manifest.exportedAt)).toBe(now().getTime())
  }

  const { backups } = await openCatalog(driver).list()
  for (const { id, manifest } of backups) {
    expect(manifest.resources.orders!.lost).toEqual([{ id: unreadable, reason: 'AccessDenied' }])
    expect(await verify({ driver, id })).toMatchObject({ ok: true })
  }
  const target = emptyTarget()
  await restore({ driver, id: backups[0]!.id, target, allowIncomplete: true })
  expect(target.rows).toEqual([...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1)))
}, 120_000)
