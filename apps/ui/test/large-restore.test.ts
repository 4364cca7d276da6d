import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { becomes, executablePath, launch, openedPage } from './chromium.js'
import { database, plugin, scratch, served } from './scene.js'

/** Without Chromium this is skipped by name: apt-get install chromium, or CHROMIUM=/path. */
const inChromium = test.runIf(executablePath !== undefined)

let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath !== undefined) browser = await launch()
})
afterAll(async () => browser?.close())

function* many(count: number) {
  for (let n = 0; n < count; n++) yield { id: `r${String(n).padStart(6, '0')}`, name: `Zoë ${n}` }
}

inChromium(
  '100,000 records are restored from the page, which is left meanwhile and found again',
  async () => {
    const path = scratch()
    const db = await database()
    await db.createResource({ name: 'people', attributes: { name: 'string' } })
    const source = records({ people: { records: many(100_000) } })
    const { id } = await backup({ driver: filesystem({ path }), source })
    const server = await served({
      plugin: plugin(db, { config: { path } }),
      database: { label: 'memory://bucket/shop' },
      allowWrites: true,
    })
    const { page, heard, at } = await openedPage(browser, server)
    page.setDefaultTimeout(20 * 60_000)
    await at(`/restore?backup=${id}`)
    await page.click('button:has-text("Dry run")')
    await page.waitForSelector('text=100,000 new')
    await page.fill('form input', 'shop')
    await page.click('button.danger')
    await page.waitForSelector('progress')
    await page.click('nav >> text=Home')
    await page.waitForSelector('text=Running:')
    await page.click('nav >> text=Activity')
    await page.click('table >> text=Restore full')
    await page.waitForSelector('text=Restored from')
    await becomes(page, 'document.querySelector(".note.good").innerText.includes("100,000 new")')
    const people = await db.getResource('people')
    expect(await people.count()).toBe(100_000)
    expect((await people.get('r077777')).name).toBe('Zoë 77777')
    expect(heard).toEqual([])
  },
)
