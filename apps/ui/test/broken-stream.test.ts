import { EventEmitter, once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { becomes, executablePath, launch, openedPage } from './chromium.js'
import { plugin, scratch, served, shop, visitor } from './scene.js'

const seen = (text: string) => `document.querySelector('main').innerText.includes(${JSON.stringify(text)})`

test.runIf(executablePath !== undefined)(
  'a job whose stream breaks off is followed again, and meanwhile the page says that the server does not answer',
  async () => {
    const browser = await launch()
    onTestFinished(() => browser.close())
    const backups = plugin(await shop(3), { config: { path: scratch() } })
    const { id } = await backups.backup('full')
    const verify = backups.verify.bind(backups)
    const gate = new EventEmitter()
    const waiting = once(gate, 'open')
    const go = () => gate.emit('open')
    backups.verify = async (which, options) => {
      await waiting
      return verify(which, options)
    }
    const server = await served({ plugin: backups })
    const { page, at } = await openedPage(browser, server)
    const { post } = await visitor(server)
    const job = await post('/api/verify', { id, level: 'quick' })
    let asked = 0
    let answers = false
    await page.route('**/api/job/events*', async (route) => {
      asked += 1
      // The first stream ends while the job runs, as at a proxy that has waited long enough.
      if (asked === 1)
        await route.fulfill({
          contentType: 'text/event-stream',
          body: `event: job\ndata: ${JSON.stringify(job)}\n\n`,
        })
      else if (answers) await route.continue()
      else await route.abort()
    })
    await at(`/job?id=${job.id}`)
    await becomes(page, seen('The server does not answer'))
    await expect.poll(() => asked).toBeGreaterThan(2)
    answers = true
    await expect.poll(() => page.evaluate(seen('The server does not answer'))).toBe(false)
    go()
    await expect.poll(() => page.evaluate(seen('Verif'))).toBe(true)
    await expect
      .poll(() => page.evaluate('document.querySelector("main button")?.innerText === "Stop"'))
      .toBe(false)
  },
  90_000,
)

test.runIf(executablePath !== undefined)(
  'the list of jobs is current again once a server that was silent answers',
  async () => {
    const browser = await launch()
    onTestFinished(() => browser.close())
    const backups = plugin(await shop(3), { config: { path: scratch() } })
    const { id } = await backups.backup('full')
    const server = await served({ plugin: backups })
    const { page } = await openedPage(browser, server)
    const { post } = await visitor(server)
    await post('/api/verify', { id, level: 'quick' })
    let asked = 0
    await page.route('**/api/jobs', async (route) => {
      asked += 1
      if (asked === 1) await route.abort()
      else await route.continue()
    })
    await page.goto(`${server.url}/activity`)
    await becomes(page, seen('The server does not answer'))
    await expect.poll(() => page.evaluate(seen('Verify full-')), { timeout: 20_000 }).toBe(true)
  },
  90_000,
)
