import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consolidate, openCatalog, type Row, restore, type Target, verify } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { afterAll, describe, expect, it } from 'vitest'
import { hasPython, python, withoutPython } from './python.ts'

const path = mkdtempSync(join(tmpdir(), 's3db-backup-stranger-'))
afterAll(() => rmSync(path, { recursive: true, force: true }))

const record = (id: string, value: unknown): Row => ({ id, value })
const first = Array.from({ length: 300 }, (_, i) => record(`u${i}`, `Zoë\u2028 😀 ${i}`))
const second = [
  ...first.slice(0, -3).map((row, i) => (i % 7 === 0 ? record(row.id, i) : row)),
  record('\u{1f600}', 1),
  record('\ue000', 2),
]

describe.skipIf(!hasPython)(`backups that a stranger writes in Python${withoutPython}`, () => {
  const driver = filesystem({ path })
  const restored = async (id: string) => {
    const rows: Row[] = []
    const target: Target = {
      open: async () => undefined,
      async write(_resource, batches) {
        for await (const batch of batches) rows.push(...batch.rows)
        return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
      },
    }
    await restore({ driver, id, target })
    return rows
  }
  const inOrder = (rows: readonly Row[]) =>
    [...rows].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))

  it('are listed, verify, restore and are merged as ours are', async () => {
    python([join(import.meta.dirname, 'stranger_writer.py'), path], [first, second])
    expect((await openCatalog(driver).list()).damaged).toEqual([])
    for (const [id, records] of [
      ['first', first],
      ['second', second],
    ] as const) {
      expect(await verify({ driver, id })).toMatchObject({ ok: true, problems: [] })
      expect(await restored(id)).toEqual(inOrder(records))
    }
    const merged = await consolidate({ driver, id: 'second' })
    expect(await restored(merged.id)).toEqual(inOrder(second))
  })
})
