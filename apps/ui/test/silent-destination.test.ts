import { BackupError } from '@s3db-backup/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { executablePath, launch, openedPage } from './chromium.js'
import { plugin, served, shop, visitor } from './scene.js'

/* A destination that stops answering, or goes away, while the page is open. */

/** What the page knows is too old from now on. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  onTestFinished(() => void vi.useRealTimers())
}

test('home shows a drill that has just run here, however long ago the destination was read', async () => {
  const backups = plugin(await shop(1))
  const { id } = await backups.backup('full')
  const { json, post } = await visitor(await served({ plugin: backups, allowWrites: true }))
  expect(await json('/api/home')).toMatchObject({ lastDrill: null })
  const { id: job } = await post('/api/drill', { id })
  await expect.poll(async () => (await json(`/api/job?id=${job}`)).state).toBe('done')
  later()
  expect(await json('/api/home?known=1')).toMatchObject({ fresh: false, lastDrill: { ok: true } })
})

test('home shows at once what it knew, with its age, while the destination does not answer', async () => {
  const backups = plugin(await shop(1))
  await backups.backup('full')
  const { json } = await visitor(await served({ plugin: backups }))
  expect(await json('/api/home')).toMatchObject({ answer: 'yes', fresh: true })
  later()
  const silence = new Promise<never>(() => undefined)
  backups.overview = () => silence
  backups.drills.list = () => silence
  expect(await json('/api/home?known=1')).toMatchObject({ answer: 'yes', fresh: false })
})

test.runIf(executablePath !== undefined)(
  'home answers nothing but that it does not know, once the destination cannot be read any more',
  async () => {
    const browser = await launch()
    onTestFinished(() => browser.close())
    const backups = plugin(await shop(1))
    await backups.backup('full')
    const server = await served({ plugin: backups })
    const { page } = await openedPage(browser, server)
    const shown = () => page.evaluate('document.querySelector("main").innerText')
    await expect.poll(shown).toContain('Yes, it can be restored')
    // A look that ends after the clock has jumped would count as fresh.
    await page.waitForLoadState('networkidle')
    later()
    const gone = new BackupError('unavailable', 'Cannot connect to the destination')
    backups.overview = () => Promise.reject(gone)
    await page.goto(server.url)
    await expect.poll(shown).toContain('Unknown now')
    const text = await shown()
    expect(text).toContain('Cannot connect to the destination')
    expect(text).toContain('As of')
    expect(text).not.toContain('Yes, it can be restored')
  },
  90_000,
)
