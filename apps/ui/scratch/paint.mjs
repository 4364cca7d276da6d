// paint.mjs WAIT: starts the command in a process of its own, opens the page WAIT ms after it printed the link
import { spawn } from 'node:child_process'
import { chromium } from 'playwright-core'

const wait = Number(process.argv[2] ?? 0)
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const ctx = await b.newContext({ viewport: { width: 1280, height: 900 } })
const p = await ctx.newPage()
await p.goto('about:blank')
const t00 = performance.now()
const c = spawn(
  process.execPath,
  ['apps/cli/dist/bin.js', 'ui', '--path', process.argv[3] ?? '/tmp/ui500', '--port', '0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const link = await new Promise((r) => c.stdout.once('data', (d) => r(String(d).trim())))
console.log('link after', Math.round(performance.now() - t00))
await new Promise((r) => setTimeout(r, wait))
for (const [name, url] of [
  ['cold', link],
  ['again', new URL('/', link).href],
  ['after 4s', new URL('/', link).href],
]) {
  if (name === 'after 4s') await new Promise((r) => setTimeout(r, 4000))
  const t = performance.now()
  await p.goto(url)
  await p.waitForSelector('h1:has-text("Can I restore?")')
  const h1 = performance.now() - t
  await p.waitForSelector('.answer >> text=500 backups')
  const ans = performance.now() - t
  const fcp = await p.evaluate(() =>
    performance
      .getEntriesByType('paint')
      .map((e) => e.name + ' ' + Math.round(e.startTime))
      .join(', '),
  )
  console.log(name, 'h1', Math.round(h1), 'answer', Math.round(ans), fcp)
}
await b.close()
c.kill()
