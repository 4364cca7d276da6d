import { backup, type Source } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { expect, it } from 'vitest'
import { newestComplete } from './schedule-runs.js'

const { signal } = new AbortController()

const sourceOf = (asOf: string | undefined): Source => ({
  describe: async () => ({ database: {}, resources: [], asOf, identity: asOf ?? 'now' }),
  async *read() {
    yield { rows: [] }
  },
})

it('a drill takes the backup of the newest moment, not one of an earlier moment that was made last', async () => {
  const driver = memory()
  const live = await backup({ driver, source: sourceOf(undefined) })
  const week = 7 * 24 * 60 * 60 * 1000
  await backup({ driver, source: sourceOf(new Date(Date.now() - week).toISOString()) })
  expect(await newestComplete({ driver }, signal)).toBe(live.id)
})
