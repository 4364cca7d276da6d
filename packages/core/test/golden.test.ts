import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCatalog, restore, verify } from '../src/index.js'
import { contentsOf, memoryTarget } from './database.js'
import { memoryDriver } from './memory-driver.js'

// Backups written by make-fixtures.mjs when the format was made. They are never rewritten: this test shows that this
// version can read them.
const root = join(import.meta.dirname, '../fixtures/format-v1')
const keys = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(root.length + 1)
      .replaceAll('\\', '/'),
  )
const driver = memoryDriver({ objects: keys.map((key) => [key, readFileSync(join(root, key))]) })

const people = [
  '{"id":"a","name":"Zoë","note":"a\\r\\nb\u2028c\u2029d","age":7}',
  '{"id":"b","name":"日本 😀","tags":["x",null],"nested":{"":0.1,"a.b":-1e+21}}',
  '{"id":"c","name":"\\ud800","empty":"","__proto__":{"x":1}}',
]
const others = { 'odd/name': ['{"id":"../x"}'], empty: [] }

async function restored(id: string) {
  const target = memoryTarget()
  await restore({ driver, id, target })
  const lines = Object.entries(contentsOf(target)).map(([name, rows]) => [
    name,
    rows.map((row) => JSON.stringify(row)),
  ])
  return { target, contents: Object.fromEntries(lines) as Record<string, string[]> }
}

describe('a backup of format 1', () => {
  it.each(['gzip', 'none', 'brotli', 'deflate', 'zstd', 'raw'])('%s verifies and restores', async (id) => {
    expect(await verify({ driver, id })).toMatchObject({ ok: true, records: 4 })
    const { contents, target } = await restored(id)
    expect(contents).toEqual({ people, ...others })
    expect(target.plans[0]!.resources[0]).toMatchObject({
      name: 'people',
      attributes: { name: 'string|required' },
      timestamps: true,
      definition: { behavior: 'body-overflow' },
    })
  })

  it('restores the raw form of the records that have one', async () => {
    const { target } = await restored('raw')
    expect(target.raw.get('people')).toEqual(
      new Map([
        ['a', { meta: { name: 'u:Wm/Dqw==' }, body: '' }],
        ['c', null],
      ]),
    )
  })

  it('of several parts comes back in order', async () => {
    expect(await verify({ driver, id: 'two-parts' })).toMatchObject({ ok: true, records: 10 })
    const { target } = await restored('two-parts')
    expect([...target.rows.get('people')!.keys()]).toEqual([
      'a0',
      'a1',
      'a2',
      'b0',
      'b1',
      'b2',
      'c0',
      'c1',
      'c2',
    ])
  })

  it('that was cut is refused', async () => {
    expect(await verify({ driver, id: 'truncated' })).toMatchObject({
      ok: false,
      problems: [{ code: 'corrupt', metadata: { file: 'people.jsonl.gz' } }],
    })
    await expect(restored('truncated')).rejects.toMatchObject({ code: 'corrupt' })
  })
})

it('a backup of a later format is refused with a clear message', async () => {
  await expect(restored('future-version')).rejects.toMatchObject({
    code: 'incompatible_format',
    message: expect.stringContaining('s3db-backup/2'),
  })
})

it('all of them are listed', async () => {
  const { backups, damaged } = await openCatalog(driver).list()
  expect(backups.map(({ id }) => id).sort()).toEqual(
    ['brotli', 'deflate', 'gzip', 'none', 'raw', 'truncated', 'two-parts', 'zstd'].sort(),
  )
  expect(damaged.map(({ id, problem }) => [id, problem.code])).toEqual([
    ['future-version', 'incompatible_format'],
  ])
})
