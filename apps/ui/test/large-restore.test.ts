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

const many = 100_000

/** A backup of 100,000 people at a path. */
async function manyPeople(path: string): Promise<string> {
  const db = await database()
  const people = await db.createResource({ name: 'people', attributes: { name: 'string' } })
  for (let n = 0; n < many; n++)
    await people.insert({ id: `r${String(n).padStart(6, '0')}`, name: `Zoë ${n}` })
  const { id } = await plugin(db, { config: { path } }).backup('full')
  return id
}

inChromium(
  '100,000 records are restored from the page, which is left meanwhile and found again',
  async () => {
    const path = scratch()
    const id = await manyPeople(path)
    const db = await database()
    const server = await served({
      plugin: plugin(db, { config: { path } }),
      database: { label: 'memory://bucket/shop' },
      allowWrites: true,
    })
    const { page, heard, at } = await openedPage(browser, server)
    page.setDefaultTimeout(5 * 60_000)
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
    expect(await people.count()).toBe(many)
    expect((await people.get('r077777')).name).toBe('Zoë 77777')
    expect(heard).toEqual([])
  },
)
