import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, type Driver, type Source } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { afterAll, describe, expect, it } from 'vitest'

const path = mkdtempSync(join(tmpdir(), 's3db-backup-writer-'))
afterAll(() => rmSync(path, { recursive: true, force: true }))

const source: Source = {
  describe: async () => ({
    database: {},
    resources: ['a', 'b'].map((name) => ({ name, attributes: {}, partitions: {}, timestamps: false })),
  }),
  async *read() {
    for (let i = 10; i < 99; i++) yield { rows: [{ id: String(i), text: 'x'.repeat(100) }] }
  },
}

/** What is stored, in the order in which it begins and ends. */
async function stored(): Promise<string[]> {
  const steps: string[] = []
  const inner = filesystem({ path })
  const driver: Driver = {
    ...inner,
    async put(key, body, call) {
      steps.push(`begins ${key}`)
      const result = await inner.put(key, body, call)
      steps.push(`is stored ${key}`)
      return result
    },
  }
  await backup({ source, driver, maxPartBytes: 1024 })
  return steps
}

describe('our writer', () => {
  it('stores the manifest after every part', async () => {
    const steps = await stored()
    expect(steps.length).toBeGreaterThan(20)
    expect(steps.slice(-2).map((step) => step.replace(/ \S*\//, ' '))).toEqual([
      'begins s3db.json',
      'is stored s3db.json',
    ])
  })

  it('writes no object twice', async () => {
    const begun = (await stored()).filter((step) => step.startsWith('begins'))
    expect(new Set(begun).size).toBe(begun.length)
  })
})
