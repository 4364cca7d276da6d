import { expect, it } from 'vitest'
import { openNew, plugin } from './plugins.js'

function heard() {
  const lines: string[] = []
  const write = (_: unknown, message: string) => void lines.push(message)
  return { lines, logger: { debug: write, info: write, warn: write, error: write } }
}

it('accepts the options of every s3db.js plugin: namespace, slug, logger, concurrency', async () => {
  const { lines, logger } = heard()
  const options = {
    namespace: 'Near Site',
    slug: 'copies',
    logger,
    concurrency: 2,
    logLevel: 'info',
  } as const
  const { plugin: backups } = plugin(options)
  expect(backups).toMatchObject({ namespace: 'near-site', slug: 'copies--near-site', logger })
  const database = await openNew()
  await database.createResource({ name: 'users', attributes: { name: 'string' } })
  await database.usePlugin(backups, 'nightly')
  expect(backups).toMatchObject({ instanceName: 'nightly', namespace: 'near-site', logger })
  await backups.backup()
  expect(lines).toContain('backup complete')
  expect(() => plugin({ concurrency: 0 })).toThrow('concurrency')
})

it('is identified by the name that it is installed under', async () => {
  const database = await openNew()
  const { plugin: one } = plugin()
  const { plugin: other } = plugin()
  await database.usePlugin(one, 'backup')
  await database.usePlugin(other, 'off-site')
  expect([one.slug, other.slug]).toEqual(['backup', 'backup--off-site'])
})

it('warns about two plugins with one name, and stops when the first is removed', async () => {
  const database = await openNew()
  const warnings: string[] = []
  const listened = () => {
    const { plugin: backups } = plugin()
    backups.on('plg:backup:warning', ({ code }) => void warnings.push(code))
    return backups
  }
  await database.usePlugin(listened(), 'backup')
  expect(warnings).toEqual([])
  await database.usePlugin(listened(), 'backup')
  expect(warnings).toEqual(['name_taken'])
  await database.uninstallPlugin('backup')
  await database.usePlugin(listened(), 'backup')
  expect(warnings).toEqual(['name_taken'])
})
