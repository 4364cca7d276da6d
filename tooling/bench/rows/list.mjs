import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTurn, timed } from '../measure.mjs'
import { bestInFlight, each, rateOf } from '../s3.mjs'
import { delay, withSmallBackups } from '../small-backups.mjs'

/** Works with a cache of manifests of its own, in which nothing is at first. */
async function withCache(work) {
  const before = process.env.XDG_CACHE_HOME
  process.env.XDG_CACHE_HOME = await mkdtemp(join(tmpdir(), 'bench-cache-'))
  try {
    return await work()
  } finally {
    await rm(process.env.XDG_CACHE_HOME, { recursive: true, force: true })
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
  }
}

/** What the command's `list` asks for, by a plugin that knows nothing of earlier ones. */
async function list(open, count) {
  const { backups } = await open({ manifestCache: true }).overview()
  if (backups.length !== count) throw new Error(`${backups.length} of ${count} backups`)
}

const firstTime =
  (place) =>
  ({ backups: count, times }) =>
    withSmallBackups[place](count, async ({ keys, read, note, open }) => {
      const manifests = keys.map(([manifest]) => manifest)
      const readAll = (inFlight) => each(count, inFlight, (i) => read(manifests[i]))
      const ours = () => withCache(() => timed(() => list(open, count)))
      const inFlight = await bestInFlight((n) => rateOf(count, () => readAll(n)))
      await ours()
      const measured = await inTurn(times, ours, () => timed(() => readAll(inFlight)))
      return { ...measured, note: noted(note, `theirs ${inFlight} at once`) }
    })

const secondTime =
  (place) =>
  ({ backups: count, times }) =>
    withSmallBackups[place](count, ({ driver, note, open }) =>
      withCache(async () => {
        const ours = () => timed(() => list(open, count))
        const theirs = () => timed(() => listAll(driver))
        await ours()
        await theirs()
        return { ...(await inTurn(times, ours, theirs)), note }
      }),
    )

async function listAll(driver) {
  const { signal } = new AbortController()
  for await (const _ of driver.list('', { signal }));
}

const noted = (...notes) => notes.filter((note) => note !== undefined).join(', ')

const rowsAt = (place, where, sizes) => [
  {
    what: `\`list\` of ${where}, the first time`,
    against: 'raw reads of their manifests, as many at once as is best',
    reach: 'at most 1.3',
    unit: 'ms',
    sizes,
    run: firstTime(place),
  },
  {
    what: `\`list\` of ${where}, once more, with the cache of manifests`,
    against: 'one listing of the destination by the same driver',
    reach: 'at most 1.2',
    unit: 'ms',
    sizes,
    run: secondTime(place),
  },
]

const quick = { backups: 20, times: 1 }

export const rows = [
  ...rowsAt('disk', '300 small backups on disk', { full: { backups: 300, times: 9 }, quick }),
  ...rowsAt('s3', '1,000 small backups on S3', { full: { backups: 1000, times: 5 }, quick }),
  ...rowsAt('far', `300 small backups on S3, every request takes ${delay} ms`, {
    full: { backups: 300, times: 5 },
    quick,
  }),
]
