import { expect, it } from 'vitest'
import { sealFields } from '../src/format/manifest/seal.js'
import { commitBackup, planBackup, runShard, type Source } from '../src/index.js'
import { info } from './database.js'
import { memoryDriver } from './memory-driver.js'

// Plans and commits ten thousand shards; the receipt of the first is copied for all others.

const shards = 10_000
const idOf = (i: number) => String(i).padStart(7, '0')

const source: Source = {
  describe: async () => ({ database: {}, resources: [info('users')] }),
  ranges: {
    async *ids() {
      for (let from = 0; from < 10 * shards; from += 1000)
        yield Array.from({ length: 1000 }, (_, i) => idOf(from + i))
    },
  },
  async *read(_, { range = {} }) {
    const from = range.after === undefined ? 0 : Number(range.after) + 1
    const to = range.upTo === undefined ? 10 * shards : Number(range.upTo) + 1
    yield { rows: Array.from({ length: to - from }, (_, i) => ({ id: idOf(from + i) })) }
  },
}

it('ten thousand shards are planned and committed in little memory', async () => {
  const driver = memoryDriver()
  const { objects } = driver
  const plan = await planBackup({ source, driver, shards, verify: false })
  expect(plan).toMatchObject({ shards, expected: 10 * shards })
  const planBytes = objects.get(`${plan.directory}/shards.json`)?.byteLength ?? 0
  expect(planBytes).toBeLessThan(3_000_000)
  await runShard({ source, driver, id: plan.id, index: 0 })
  const first = Buffer.from(objects.get(`${plan.directory}/shard-00000.json`) ?? '').toString()
  const parts = [...objects].filter(([key]) => key.includes('/users.00000-'))
  for (let index = 1; index < shards; index++) {
    const label = `${String(index).padStart(5, '0')}-`
    const { checksum: _, ...fields } = JSON.parse(first.replaceAll('users.00000-', `users.${label}`))
    fields.content.index = index
    objects.set(`${plan.directory}/shard-${label.slice(0, -1)}.json`, sealFields(fields).bytes)
    for (const [key, bytes] of parts) objects.set(key.replace('users.00000-', `users.${label}`), bytes)
  }
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
  }, 5)
  const { manifest, records, manifestBytes } = await commitBackup({ source, driver, id: plan.id })
  clearInterval(timer)
  expect(records).toBe(10 * shards)
  expect(manifest.parts).toHaveLength(2 * shards)
  expect(manifestBytes).toBeLessThan(16_000_000)
  expect(most - before).toBeLessThan(256 * 2 ** 20)
})
