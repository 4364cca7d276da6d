import { setTimeout as pause } from 'node:timers/promises'
import { backup, restore } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, it } from 'vitest'
import { onS3, type S3Server, s3Server } from '../../../tooling/s3/test-server.ts'
import { databaseTarget, snapshotSource } from '../src/index.js'
import { open, openNew, ours } from './databases.js'

/** A clock of a storage that goes faster than this machine's, so that little is written, or much, while a backup runs. */
function hurrying() {
  let [time, since, factor] = [Date.now() - 280_000, performance.now(), 1]
  const now = () => Math.floor(time + (performance.now() - since) * factor)
  const hurry = (times: number) => {
    ;[time, since, factor] = [now(), performance.now(), times]
  }
  return { now, hurry }
}

const [fine, coarse] = [hurrying(), hurrying()]
const inMs = await s3Server(process.env, { now: fine.now })
const inSeconds = await s3Server({}, { now: coarse.now, wholeSeconds: true })

/** First and last of the records, so that a reader of the present meets them far apart. */
const [one, two] = ['a-one', 'z-two']

/** How often the storage's clock ticks while this machine's ticks once, and pauses in ms. */
interface Speed {
  readonly times: number
  /** Between the two writes of a pair. */
  readonly within: number
  readonly between: number
}

const speeds: readonly Speed[] = [
  { times: 15, within: 0, between: 0 },
  { times: 15, within: 20, between: 0 },
  { times: 15, within: 0, between: 100 },
  { times: 150, within: 0, between: 0 },
  { times: 150, within: 0, between: 5 },
  { times: 150, within: 5, between: 40 },
]

async function pairs(s3: S3Server, { within, between }: Speed) {
  const bucket = await s3.anotherBucket()
  await bucket.versioning('Enabled')
  const database = await open(s3.address('app', bucket), onS3)
  const users = await database.createResource({ name: 'users', attributes: { n: 'number' } })
  for (const id of [one, two]) await users.insert({ id, n: 0 })
  for (let i = 0; i < 40; i++) await users.insert({ id: `m-${i}`, n: 0 })
  const stop = new AbortController()
  const write = async () => {
    for (let n = 1; !stop.signal.aborted; n++) {
      await users.replace(one, { n })
      if (within > 0) await pause(within)
      await users.replace(two, { n })
      // At least once around the loop, so that backups have their turn.
      await pause(between)
    }
  }
  const writing = write()
  /** When each number was written, by the storage itself: the first is that of 0. */
  const timesOf = async (id: string) =>
    (await bucket.versions(`app/resource=users/data/id=${id}`)).map(({ modified }) => modified).reverse()
  return {
    database,
    timesOf,
    async end() {
      stop.abort()
      await writing
    },
  }
}

/** What a backup has of a pair, and the moment that it says. */
interface Held {
  readonly at: number
  readonly numbers: readonly [unknown, unknown]
}

async function holdsNoHalf(s3: S3Server, speed: Speed): Promise<number> {
  const { database, timesOf, end } = await pairs(s3, speed)
  // The moment is up to seven seconds behind, and nothing was there before.
  await pause(s3.server === 'local' ? 8000 / speed.times : 8000)
  const driver = memory()
  const held: Held[] = []
  for (let link = 0; link < 5; link++) {
    const incremental = link > 0
    const source = snapshotSource(ours(database), { snapshot: 'versions', incremental })
    const kind = incremental ? { type: 'incremental', incremental: {} } : {}
    const { id, manifest } = await backup({ source, driver, ...kind })
    const target = await openNew('memory')
    await restore({ driver, id, target: databaseTarget(ours(target)) })
    const number = async (record: string) => (await target.resources.users?.get(record))?.n
    held.push({ at: Date.parse(manifest.asOf ?? ''), numbers: [await number(one), await number(two)] })
  }
  await end()
  const [first, second] = [await timesOf(one), await timesOf(two)]
  for (const { at, numbers } of held) {
    const [n, other] = [first, second].map((times) => times.findLastIndex((time) => time <= at))
    expect({ at, numbers }).toEqual({ at, numbers: [n, other] })
    // Half a pair only where its two writes are in other steps of the clock, and the moment between them.
    if (n !== other) expect(first[n ?? 0]).not.toBe(second[n ?? 0])
  }
  return first.length
}

/** A real server's clock goes as it goes. */
const tried = inMs.server === 'local' ? speeds : speeds.filter(({ times }) => times === 15)

describe.each(tried)(
  'while pairs are written, $times times as fast, $within ms and $between ms apart',
  (speed) => {
    it('no backup of one moment holds half of one that was written in one step of the clock', async () => {
      fine.hurry(speed.times)
      expect(await holdsNoHalf(inMs, speed)).toBeGreaterThan(3)
      fine.hurry(1)
    })

    it('nor does one where the storage tells whole seconds', async () => {
      coarse.hurry(speed.times)
      expect(await holdsNoHalf(inSeconds, speed)).toBeGreaterThan(3)
      coarse.hurry(1)
    })
  },
)
