import { readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, it, vi } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { filled, scratch } from './scene.js'

/**
 * A function as AWS Lambda runs it: nothing is to be written but below `/tmp`, and `getRemainingTimeInMillis()`
 * says how long there is. It gives up in time to clean up behind itself.
 */
async function handler(
  context: { readonly tmp: string; getRemainingTimeInMillis(): number },
  plugin: BackupPlugin,
) {
  const reserve = 50
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - reserve))
  return plugin.backup('full', { signal })
}

it('AWS Lambda: a handler writes below /tmp alone', async () => {
  const tmp = scratch()
  const elsewhere = [process.cwd(), tmpdir()]
  vi.stubEnv('HOME', '/nonexistent')
  const plugin = new BackupPlugin({ database: await filled(5), config: { path: `${tmp}/backups` } })
  const before = elsewhere.map(entries)
  const made = await handler({ tmp, getRemainingTimeInMillis: () => 60_000 }, plugin)
  expect(made).toMatchObject({ status: 'completed', records: 5 })
  expect(elsewhere.map(entries)).toEqual(before)
  expect(readdirSync(tmp)).toEqual(['backups'])
})

it('AWS Lambda: a backup that would take longer than there is time stops before, and leaves nothing', async () => {
  const tmp = scratch()
  const database = await filled(5)
  // The work takes longer than the time that the handler has.
  const plugin = new BackupPlugin({
    database,
    config: { path: `${tmp}/backups` },
    onBackupStart: () => new Promise((resolve) => setTimeout(resolve, 100)),
  })
  const failed: unknown[] = []
  plugin.on('plg:backup:error', (payload) => failed.push(payload))
  await expect(handler({ tmp, getRemainingTimeInMillis: () => 90 }, plugin)).rejects.toMatchObject({
    name: 'TimeoutError',
  })
  expect(failed).toHaveLength(1)
  expect(await plugin.list()).toEqual([])
  expect(readdirSync(tmp, { recursive: true }).filter((name) => statSync(`${tmp}/${name}`).isFile())).toEqual(
    [],
  )
})

/** What our own code could have left: other tests have directories of their own beside these. */
function entries(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^s3db\b(?!-backup-)/.test(name) || name === 'backups')
}
