import { backup, open, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, test } from 'vitest'
import { warnIfIncomplete } from './incomplete.js'

const info = { name: 'users', attributes: {}, partitions: {}, timestamps: false }

test.each([
  [{ lost: [{ id: 'b', reason: 'gone' }] }, '1 record could not be read'],
  [{ lostWithoutId: [{ reason: 'a rule', count: null }] }, 'an unknown number of records could not be read'],
])('a backup that lacks records says how many, or that nobody knows', async (losses, words) => {
  const driver = memory()
  const source: Source = {
    describe: async () => ({ database: {}, resources: [info] }),
    async *read() {
      yield { rows: [{ id: 'a' }], ...losses }
    },
  }
  await expect(backup({ driver, source })).rejects.toMatchObject({ code: 'incomplete' })
  const told: string[] = []
  const terminal = { warn: ({ message }: { readonly message: string }) => void told.push(message) }
  warnIfIncomplete(terminal, await open({ driver, at: new Date() }))
  expect(told).toEqual([expect.stringContaining(words)])
})
