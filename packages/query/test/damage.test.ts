import { readdir } from 'node:fs/promises'
import type { Driver } from '@s3db-backup/core'
import { openChain } from '@s3db-backup/core/internal'
import { describe, expect, it } from 'vitest'
import { tablesOf } from '../src/tables.js'
import { memory, opened, rowsOf, takeAll, temporaryFolder } from './backups.js'

const rows = Array.from({ length: 200 }, (_, index) => ({
  id: `r${String(index).padStart(3, '0')}`,
  n: index,
}))
const states = [
  { users: { rows }, other: { rows: [{ id: 'o' }] } },
  {
    users: { rows: rows.slice(10).map((row) => ({ ...row, n: row.n % 7 === 0 ? -1 : row.n })) },
    other: { rows: [] },
  },
]

/** What a query does before DuckDB sees anything. */
async function stagedBy(driver: Driver, id: string): Promise<void> {
  const { signal } = new AbortController()
  const chain = await openChain({ driver, id, operation: 'download', signal })
  await tablesOf(chain, await temporaryFolder()).read(['users'])
}

describe('a damaged part', () => {
  const damages: Record<string, (bytes: Uint8Array) => Uint8Array | undefined> = {
    'is missing': () => undefined,
    'is cut': (bytes) => bytes.subarray(0, -1),
    'is longer': (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
    'has another bit': (bytes) => {
      const changed = Buffer.from(bytes)
      changed[20] = (changed[20] ?? 0) ^ 1
      return changed
    },
  }

  it.each(Object.entries(damages))('that %s is named, and no row is shown', async (_, damage) => {
    const driver = memory()
    const id = await takeAll(driver, states)
    const parts = [...driver.objects.keys()].filter((key) => /users(\.deleted)?\.jsonl\.gz$/.test(key))
    expect(parts.length).toBe(3)
    for (const part of parts) {
      const sound = driver.objects.get(part)!
      const bytes = damage(sound)
      if (bytes === undefined) driver.objects.delete(part)
      else driver.objects.set(part, bytes)
      await expect(stagedBy(driver, id)).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining(part.split('/').slice(-2).join('/')),
      })
      driver.objects.set(part, sound)
    }
  })

  it('of another resource does not matter', async () => {
    const driver = memory()
    const id = await takeAll(driver, states)
    for (const key of driver.objects.keys()) if (/other.*jsonl/.test(key)) driver.objects.delete(key)
    const session = await opened({ driver, id })
    expect(await rowsOf(session, 'SELECT count(*) FROM users')).toEqual([[190]])
  })

  it('of a resource named only in a string does not matter', async () => {
    const driver = memory()
    const id = await takeAll(driver, states)
    for (const key of driver.objects.keys()) if (/other.*jsonl/.test(key)) driver.objects.delete(key)
    const session = await opened({ driver, id })
    expect(await rowsOf(session, "SELECT 'taken from other' AS note, count(*) FROM users")).toEqual([
      ['taken from other', 190],
    ])
  })

  it('leaves nothing behind once the query is closed', async () => {
    const driver = memory()
    const id = await takeAll(driver, states)
    for (const key of driver.objects.keys()) if (/users.deleted/.test(key)) driver.objects.delete(key)
    const session = await opened({ driver, id })
    await expect(session.query('FROM users')).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('users.deleted.jsonl.gz is damaged'),
    })
    await session.close()
    expect(await readdir(session.tempDir)).toEqual([])
  })
})
