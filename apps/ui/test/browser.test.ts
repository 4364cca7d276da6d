import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Browser } from 'playwright-core'
import type { Database } from 's3db.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PageServer } from '../src/index.js'
import { becomes, executablePath, launch, lookAt, openedPage, tabTo } from './chromium.js'
import { plugin, scratch, served, shop } from './scene.js'

/** Without Chromium these are skipped by name: apt-get install chromium, or CHROMIUM=/path. */
const inChromium = test.runIf(executablePath !== undefined)

let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath !== undefined) browser = await launch()
})
afterAll(async () => browser?.close())

interface Scene {
  readonly db: Database
  readonly backups: BackupPlugin
  readonly ids: readonly string[]
  readonly server: PageServer
}

/** A database in a folder, with a chain of backups, and what was changed since. */
async function scene(): Promise<Scene> {
  const folder = scratch()
  const db = await shop(40, `file://${folder}/shop`)
  const backups = plugin(db, {
    config: { path: `${folder}/backups` },
    schedule: [{ name: 'nightly', cron: '0 2 * * *', type: 'full' }],
    retention: { keepLast: 2 },
  })
  const customers = await db.getResource('customers')
  const ids: string[] = []
  for (let n = 0; n < 3; n++) {
    const made = await backups.backup(n === 0 ? 'full' : 'incremental', {
      metadata: { schedule: ['nightly'] },
    })
    ids.push(made.id)
    await customers.update('c7', { name: `Zoë, ${n} times married` })
  }
  await customers.delete('c9')
  await customers.insert({
    id: '<b>bold<b>',
    name: '<script>alert(2)</script>\u202e',
    visits: 1,
  })
  const { id } = await backups.backup('incremental', { metadata: { schedule: ['nightly'] } })
  const server = await served({
    plugin: backups,
    database: { label: `file://${folder}/shop` },
    allowWrites: true,
    placeOptions: " --path '/srv/my backups'",
  })
  return { db, backups, ids: [...ids, id], server }
}

const opened = (server: PageServer) => openedPage(browser, server)

inChromium('every page has no violation of accessibility, no error, and fits 360 pixels', async () => {
  const { server, ids, backups } = await scene()
  const [first = '', , , last = ''] = ids
  await backups.drills.run(last, { storeReport: true, signedOffBy: 'ann' })
  const [drill] = await backups.drills.list()
  const { page, heard, at } = await opened(server)
  await page.waitForSelector('.answer')
  await page.waitForSelector('.strip')
  await lookAt(page, 'home')
  const hostile = new URLSearchParams({
    backup: last,
    resource: 'customers',
    id: '<b>bold<b>',
  })
  const places = {
    backups: ['/backups', 'table'],
    chains: ['/backups?tree=1', '.tree'],
    backup: [`/backup?id=${last}`, 'h2:has-text("Resources")'],
    compare: [`/compare?from=${first}&to=${last}`, 'h2'],
    records: [`/records?backup=${last}&resource=customers`, 'table'],
    record: [`/record?backup=${last}&resource=customers&id=c7`, 'ins'],
    hostile: [`/record?${hostile}`, 'ins'],
    restore: [`/restore?backup=${last}`, '.choices'],
    schedule: ['/schedule', 'table'],
    drill: [`/drill?${new URLSearchParams({ key: drill?.key ?? '' })}`, 'table'],
    activity: ['/activity', '.note'],
    nothing: ['/no/such/place', 'h1'],
  }
  for (const [name, [path = '', selector = '']] of Object.entries(places)) {
    await at(path)
    await page.waitForSelector(selector)
    await lookAt(page, name)
    // With reduced motion there is no animation.
    expect([name, await page.evaluate('document.getAnimations().length')]).toEqual([name, 0])
  }
  expect(await page.locator('img').count()).toBe(0)
  expect(heard).toEqual([])
})

inChromium(
  'somebody restores: what, where, dry run, the name, and the report; the database has it',
  async () => {
    const { server, db, ids } = await scene()
    const { page, heard, at } = await opened(server)
    await at(`/backup?id=${ids[0]}`)
    await page.click('a:has-text("Restore…")')
    await page.click('label:has-text("Replace existing records")')
    await page.click('button:has-text("Dry run")')
    await page.waitForSelector('text=Nothing was written')
    await page.waitForSelector('text=comes back')
    await lookAt(page, 'dry-run')
    const restore = page.locator('button.danger')
    expect(await restore.isDisabled()).toBe(true)
    // A second tab shows the same dry run, but is too late to start it.
    const second = await page.context().newPage()
    await second.goto(page.url())
    for (const tab of [page, second]) await tab.fill('form input', 'shop')
    await restore.click()
    await page.waitForSelector('text=Restored from')
    await second.locator('button.danger').click()
    await second.waitForSelector('text=started already')
    await lookAt(page, 'report')
    const customers = await db.getResource('customers')
    expect((await customers.get('c7')).name).toBe('Zoë 7')
    expect(await customers.exists('c9')).toBe(true)
    // The report can be found again.
    await page.click('nav >> text=Activity')
    await page.click('table >> text=Restore full')
    await page.waitForSelector('text=Restored from')
    expect(heard).toEqual([])
  },
)

inChromium('somebody puts one record back from its page', async () => {
  const { server, db, ids } = await scene()
  const { page, at } = await opened(server)
  await at(`/record?backup=${ids[0]}&resource=customers&id=c9`)
  await page.click('a:has-text("Put this one back")')
  await page.click('button:has-text("Dry run")')
  await page.waitForSelector('text=comes back')
  await page.fill('form input', 'shop')
  await page.click('button.danger')
  await page.waitForSelector('text=Restored from')
  const customers = await db.getResource('customers')
  expect(await customers.exists('c9')).toBe(true)
  expect((await customers.get('c7')).name).toContain('married')
})

inChromium('somebody verifies and drills a backup, and home says that somebody has tried', async () => {
  const { server, ids } = await scene()
  const { page, at } = await opened(server)
  await at(`/backup?id=${ids[3]}`)
  await page.click('button:has-text("Verify")')
  await page.waitForSelector('text=No problem in')
  await lookAt(page, 'verified')
  await at(`/backup?id=${ids[3]}`)
  await page.click('button:has-text("Drill")')
  await page.waitForSelector('text=every record is identical')
  await at('/')
  await page.waitForSelector('.answer >> text=drill of')
})

inChromium('somebody pages, filters and jumps in the records, by keyboard', async () => {
  const { server, ids } = await scene()
  const { page, at } = await opened(server)
  await at(`/records?backup=${ids[3]}&resource=customers`)
  await page.waitForSelector('tbody tr')
  await page.focus('label:has-text("holds") input')
  await page.keyboard.type('married')
  await page.keyboard.press('Enter')
  await becomes(page, 'document.querySelectorAll("tbody tr").length === 1')
  await page.click('button:has-text("Clear")')
  await page.focus('label:has-text("Jump to id") input')
  await page.keyboard.type('c38')
  await page.keyboard.press('Enter')
  await becomes(page, 'document.querySelector("tbody th")?.innerText === "c38"')
})

inChromium(
  'two backups are chosen in the list and compared, and the command is quoted for a shell',
  async () => {
    const { server, ids } = await scene()
    const { page, at } = await opened(server)
    await at('/backups')
    await page.check(`input[aria-label="Compare ${ids[3]}"]`)
    await page.check(`input[aria-label="Compare ${ids[0]}"]`)
    await page.click('button:has-text("Compare the two")')
    await page.waitForSelector('h2')
    expect(await page.textContent('.command code')).toBe(
      `s3db-backup diff ${ids[0]} ${ids[3]} --path '/srv/my backups'`,
    )
  },
)

inChromium('a whole restore goes by keyboard alone', async () => {
  const { server, db, ids } = await scene()
  const { page, heard } = await opened(server)
  await page.keyboard.press('Tab')
  await becomes(page, 'document.activeElement.innerText === "Skip to the content"')
  await tabTo(page, 'innerText === "Backups"')
  await page.keyboard.press('Enter')
  await page.waitForSelector('tbody tr')
  await tabTo(page, `innerText === "${ids[0]}"`)
  await page.keyboard.press('Enter')
  await page.waitForSelector('a:has-text("Restore…")')
  await tabTo(page, 'innerText === "Restore…"')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.choices')
  await tabTo(page, 'name === "mode"')
  await page.keyboard.press('ArrowDown')
  await tabTo(page, 'innerText === "Dry run"')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=Nothing was written')
  await tabTo(page, 'form?.innerText.includes("type the name") && document.activeElement.tagName === "INPUT"')
  await page.keyboard.type('shop')
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=Restored from')
  const customers = await db.getResource('customers')
  expect((await customers.get('c7')).name).toBe('Zoë 7')
  expect(heard).toEqual([])
})
