/*
 * Makes the pictures of docs/pictures: node pictures/make-pictures.mjs [FOLDER], after a build, where Chromium is installed.
 *
 * Six weeks of a shop's backups, made in a minute: the clock of this process is set before each of them.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redactor } from '@s3db-backup/core/internal'
import { BackupPlugin } from '@s3db-backup/plugin'
import { servePage } from '@s3db-backup/ui'
import { chromium } from 'playwright-core'
import { Database } from 's3db.js'

const folder = process.argv[2] ?? join(import.meta.dirname, '../../../docs/pictures')
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const day = 24 * 60 * 60 * 1000
const clock = setClock()

/** From here on the time is what it is set to; it passes forty times as quickly, so that backups take seconds. */
function setClock() {
  const RealDate = Date
  let [base, since] = [RealDate.now(), performance.now()]
  const now = () => Math.round(base + (performance.now() - since) * 40)
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now()] : given))
    }
    static now() {
      return now()
    }
  }
  return {
    set(time) {
      base = RealDate.parse(time)
      since = performance.now()
    },
  }
}

/** Numbers that look like chance and are the same each time. */
function chance(seed) {
  let state = seed
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * most)
  }
}

const first = ['Zoë', 'Ada', 'Luís', 'Mei', 'Jonas', 'Amara', 'Chloé', 'Tomasz', 'Priya', 'Søren']
const last = ['Müller', 'Okafor', 'Silva', 'Chen', 'Nowak', 'Larsen', 'García', 'Rao', 'Dubois', 'Kim']
const states = ['paid', 'packed', 'shipped', 'delivered', 'returned']

async function shop() {
  const database = new Database({
    connectionString: 'memory://shop/production',
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await database.connect()
  const customers = await database.createResource({
    name: 'customers',
    attributes: {
      name: 'string|required',
      email: 'string',
      country: 'string|optional',
      vip: 'boolean|optional',
    },
  })
  const orders = await database.createResource({
    name: 'orders',
    attributes: { customer: 'string|required', status: 'string|required', total: 'number|required' },
  })
  const any = chance(7)
  let [people, bought] = [0, 0]
  const name = (n) => `${first[n % 10]} ${last[(n * 7 + 3) % 10]}`
  const join = async () => {
    const id = `cus-${String(people++).padStart(4, '0')}`
    const email = `${name(people)
      .normalize('NFD')
      .replaceAll(/[^a-z]/gi, '')
      .toLowerCase()}@example.com`
    const country = ['DE', 'PT', 'CN', 'NO', 'PL', 'FR'][people % 6]
    await customers.insert({ id, name: name(people), email, country, vip: people % 9 === 0 })
  }
  const buy = async () => {
    const customer = `cus-${String(any(people)).padStart(4, '0')}`
    const id = `ord-${String(10_000 + bought++)}`
    await orders.insert({ id, customer, status: 'paid', total: 1900 + any(42_000) })
  }
  for (let n = 0; n < 240; n++) await join()
  for (let n = 0; n < 700; n++) await buy()
  return {
    database,
    customers,
    orders,
    async dayOfWork() {
      for (let n = 0; n < 2 + any(4); n++) await join()
      for (let n = 0; n < 14 + any(22); n++) await buy()
      for (let n = 0; n < 10 + any(12); n++)
        await orders.update(`ord-${10_000 + any(bought)}`, { status: states[any(5)] })
    },
  }
}

const scratch = mkdtempSync(join(tmpdir(), 's3db-backup-pictures-'))
const { database, customers, orders, dayOfWork } = await shop()
const schedule = [
  { name: 'weekly', cron: '0 2 * * 0', type: 'full', timezone: 'UTC' },
  { name: 'nightly', cron: '0 2 * * 1-6', type: 'incremental', timezone: 'UTC' },
]
const destinations = ['office', 'offsite'].map((name) => ({
  ...{ name, driver: 'filesystem' },
  config: { path: join(scratch, name) },
}))
const given = { database, driver: 'multi', config: { strategy: 'any', destinations } }
const maker = new BackupPlugin(given)
const start = Date.UTC(2026, 0, 25, 2)
const made = []
for (let n = 0; n <= 40; n++) {
  const at = new Date(start + n * day)
  clock.set(at.toISOString())
  const isSunday = at.getUTCDay() === 0
  const line = isSunday ? 'weekly' : 'nightly'
  const metadata = { schedule: [line], host: 'app-1' }
  made.push(await maker.backup(isSunday ? 'full' : 'incremental', { metadata }))
  if (n === 38) await maker.drills.run(made.at(-1).id, { storeReport: true, signedOffBy: 'ann' })
  await dayOfWork()
}
// On one of the last nights the other destination was away.
rmSync(join(scratch, 'offsite', made[39].id), { recursive: true })
// The changes of a bad deploy since then: a customer and some of the newest orders.
await customers.delete('cus-0011')
await customers.update('cus-0007', { vip: true, country: 'PT' })
await customers.insert({ id: 'cus-9999', name: 'Test Test', email: 'test@example.com', country: 'DE' })
for (const n of [10_003, 10_017, 10_044]) await orders.update(`ord-${n}`, { status: 'lost', total: 0 })

clock.set('2026-03-06T08:12:00.000Z')
const plugin = new BackupPlugin({ ...given, schedule, retention: { keepLast: 21, weekly: 4 } })
const server = await servePage({
  ...{ plugin, redactor: redactor(), port: 0, allowWrites: true },
  database: { label: 's3://shop-production/app' },
  placeOptions: ' --config /etc/s3db-backup.json',
})
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const context = await browser.newContext({
  viewport: { width: 1280, height: 640 },
  timezoneId: 'UTC',
  locale: 'en-GB',
})
const page = await context.newPage()
await page.clock.setFixedTime(new Date())
mkdirSync(folder, { recursive: true })

async function picture(name, height) {
  await page.setViewportSize({ width: 1280, height })
  // The pointer is on nothing, and no focus ring is visible.
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

await page.goto(server.link())
await page.waitForSelector('text=Retention will remove')
await page.waitForSelector('canvas')
await picture('page-home', 640)
await page.goto(`${server.url}/backups?tree=1`)
await page.waitForSelector('text=not at')
await picture('page-backups', 640)
await page.goto(`${server.url}/restore?backup=${made.at(-1).id}`)
await page.click('label:has-text("Replace existing records")')
await page.click('button:has-text("Dry run")')
await page.waitForSelector('text=How the database differs')
await picture('page-dry-run', 800)

await browser.close()
await server.close()
await database.disconnect()
if (existsSync(scratch)) rmSync(scratch, { recursive: true })
process.exit(0)
