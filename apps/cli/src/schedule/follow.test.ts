import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, type Source } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { BackupPlugin } from '@s3db-backup/plugin'
import { expect, onTestFinished, test } from 'vitest'
import { storedBackups } from './follow.js'

const { signal } = new AbortController()

const sourceOf = (asOf: string | undefined): Source => ({
  describe: async () => ({ database: {}, resources: [], asOf, identity: asOf ?? 'now' }),
  async *read() {
    yield { rows: [] }
  },
})

test('a backup of an earlier moment that was made last is not the newest success', async () => {
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const driver = filesystem({ path })
  const live = await backup({ driver, source: sourceOf(undefined) })
  const week = 7 * 24 * 60 * 60 * 1000
  const asOf = new Date(Date.now() - week).toISOString()
  const past = await backup({ driver, source: sourceOf(asOf) })
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path } })
  expect((await storedBackups(plugin, signal)).newest?.id).toBe(live.id)
  await plugin.deleteBackup(live.id)
  const { newest } = await storedBackups(plugin, signal)
  expect(newest?.id).toBe(past.id)
  expect(Date.now() - (newest?.at ?? 0)).toBeGreaterThan(week - 60_000)
})
