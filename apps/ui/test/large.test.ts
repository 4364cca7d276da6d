import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { executablePath, launch, lookAt, openedPage } from './chromium.js'
import { database, plugin, scratch, served } from './scene.js'

/** Without Chromium this is skipped by name: apt-get install chromium, or CHROMIUM=/path. */
const inChromium = test.runIf(executablePath !== undefined)

let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath !== undefined) browser = await launch()
})
afterAll(async () => browser?.close())

function* many(count: number) {
  for (let n = 0; n < count; n++)
    yield { id: `r${String(n).padStart(6, '0')}`, name: `Zoë ${n}`, even: n % 2 === 0 }
}

inChromium('500 backups and 100,000 records are looked through as quickly as few', async () => {
  const path = scratch()
  const driver = filesystem({ path })
  for (let n = 0; n < 499; n++)
    await backup({ driver, verify: false, source: records({ people: { records: [{ id: 'a', n }] } }) })
  const { id } = await backup({ driver, source: records({ people: { records: many(100_000) } }) })
  const server = await served({ plugin: plugin(await database(), { config: { path } }) })
  const { page, heard } = await openedPage(browser, server)
  page.setDefaultTimeout(120_000)
  await page.waitForSelector('.answer >> text=500 backups')
  await lookAt(page, 'home-500')
  await page.goto(`${server.url}/backups`)
  await page.waitForSelector('text=300 are not shown')
  await page.click('button:has-text("Show 200 more")')
  await page.waitForSelector('text=100 are not shown')
  await page.goto(`${server.url}/records?backup=${id}&resource=people`)
  await page.waitForSelector('text=100,000 in all')
  await page.fill('label:has-text("Jump to id") input', 'r077777')
  await page.keyboard.press('Enter')
  await page.waitForSelector('tbody tr:first-child >> text=r077777')
  await page.goto(`${server.url}/records?backup=${id}&resource=people&holds=Zo%C3%AB%2019999`)
  await page.waitForSelector('tbody tr >> text=r019999')
  expect(heard).toEqual([])
})
