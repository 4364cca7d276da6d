import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { expect, onTestFinished, test } from 'vitest'
import { executablePath, launch, openedPage } from './chromium.js'
import { database, plugin, scratch, served, visitor } from './scene.js'

/* What somebody wrote into a backup in order to be looked at, as a browser draws it. */

const hostile = [
  '<img src=x onerror="document.title=1">',
  '\u202egpj.exe',
  'two\nlines',
  'shop\u{e0041}\u200b',
  'x'.repeat(1_000_000),
]

/** Characters that nobody sees, in texts, choices and what is read aloud; lines of a text are drawn as such. */
const unseen = `(() => {
  const found = []
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_ALL)
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const texts = node.nodeType === 3 ? [node.data] : [...(node.attributes ?? [])].filter(({ name }) => /^(title|alt|aria-)/.test(name)).map(({ value }) => value)
    for (const text of texts)
      if (/[\\p{Cf}\\p{Cs}]|(?!\\n)\\p{Cc}/u.test(text)) found.push([node.parentElement?.tagName, text.slice(0, 80)])
  }
  return found
})()`

const drawn = 'document.querySelector("main").innerText.length'

test.runIf(executablePath !== undefined)(
  'no page draws what cannot be seen, runs what a name contains, or grows with a name',
  async () => {
    const browser = await launch()
    onTestFinished(() => browser.close())
    const path = scratch()
    const inOrder = [...hostile].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const rows = inOrder.map((id) => ({ id, [id]: id }))
    const source = () => records(Object.fromEntries(hostile.map((name) => [name, { records: rows }])))
    const metadata = Object.fromEntries(hostile.map((name) => [name, name]))
    const driver = filesystem({ path })
    const ids: string[] = []
    for (const _ of [1, 2]) ids.push((await backup({ driver, verify: false, metadata, source: source() })).id)
    const [from = '', to = ''] = ids
    const backups = plugin(await database(), { config: { path } })
    const server = await served({
      ...{ plugin: backups, allowWrites: true },
      database: { label: 'memory://bucket/shop' },
    })
    const { page, heard, at } = await openedPage(browser, server)
    const { post } = await visitor(server)
    const verify = await post('/api/verify', { id: to, level: 'full' })
    const dry = await post('/api/dry-run', { backup: to, mode: 'skip' })
    const query = (values: Record<string, string>) => new URLSearchParams(values).toString()
    const places = [
      '/',
      '/backups',
      `/backup?${query({ id: to })}`,
      `/compare?${query({ from, to })}`,
      ...hostile
        .slice(0, 4)
        .flatMap((resource) => [
          `/records?${query({ backup: to, resource })}`,
          ...hostile.slice(0, 4).map((id) => `/record?${query({ backup: to, resource, id })}`),
        ])
        .slice(0, 7),
      `/restore?${query({ backup: to })}`,
      '/schedule',
      '/activity',
      `/job?id=${verify.id}`,
      `/job?id=${dry.id}`,
    ]
    for (const place of places) {
      await at(place)
      expect([place, await page.evaluate(unseen)]).toEqual([place, []])
      expect([place, Number(await page.evaluate(drawn)) < 200_000]).toEqual([place, true])
    }
    expect(await page.title()).toMatch(/s3db-backup/)
    expect(heard).toEqual([])
  },
  120_000,
)
