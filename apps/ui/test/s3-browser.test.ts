import { BackupPlugin } from '@s3db-backup/plugin'
import type { Browser } from 'playwright-core'
import { Database } from 's3db.js'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { executablePath, launch, lookAt, openedPage } from './chromium.js'
import { served } from './scene.js'

/** Without Chromium these are skipped by name: apt-get install chromium, or CHROMIUM=/path. */
const inChromium = test.runIf(executablePath !== undefined)

const s3 = await s3Server()
let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath !== undefined) browser = await launch()
})
afterAll(async () => browser?.close())

/** A database in a bucket with versions, and its backups in another one. */
async function scene() {
  const [own, place] = [await s3.anotherBucket(), await s3.anotherBucket()]
  await own.versioning('Enabled')
  const db = new Database({
    ...{ connectionString: s3.address('shop', own), logLevel: 'silent', exitOnSignal: false },
    ...onS3,
  })
  await db.connect()
  onTestFinished(async () => {
    await db.disconnect()
    await db.destroy()
  })
  const customers = await db.createResource({
    name: 'customers',
    attributes: { name: 'string|required', visits: 'number' },
  })
  for (let n = 0; n < 12; n++) await customers.insert({ id: `c${n}`, name: `Zoë ${n}`, visits: n })
  const { url: endpoint, region, credentials } = s3.endpoint
  const backups = new BackupPlugin({
    ...{ database: db, driver: 's3' },
    config: { bucket: place.name, path: 'nightly', endpoint, region, credentials, forcePathStyle: true },
  })
  const { id } = await backups.backup('full')
  await customers.update('c7', { name: 'another' })
  await customers.delete('c9')
  const server = await served({
    plugin: backups,
    database: { label: `s3://${own.name}/shop` },
    allowWrites: true,
  })
  return { db, id, server }
}

inChromium(
  'on a server, Home says how far the versions reach, and a restore goes from click to database',
  async () => {
    const { db, id, server } = await scene()
    const { page, heard, at } = await openedPage(browser, server)
    await page.waitForSelector('.answer >> text=any moment since')
    await lookAt(page, 'home-on-a-server')
    await at(`/restore?backup=${id}`)
    await page.click('label:has-text("Replace existing records")')
    await page.click('button:has-text("Dry run")')
    await page.waitForSelector('text=comes back')
    await page.fill('form input', 'shop')
    await page.click('button.danger')
    await page.waitForSelector('text=Restored from')
    const customers = await db.getResource('customers')
    expect((await customers.get('c7')).name).toBe('Zoë 7')
    expect(await customers.exists('c9')).toBe(true)
    await at(`/backup?id=${id}`)
    await page.click('button:has-text("Verify")')
    await page.waitForSelector('text=No problem in')
    await at(`/records?backup=${id}&resource=customers`)
    await page.waitForSelector('text=12 in all')
    expect(heard).toEqual([])
  },
)
