import { inTurn, timed } from '../measure.mjs'
import { bestInFlight, each, rateOf } from '../s3.mjs'
import { delay, withSmallBackups } from '../small-backups.mjs'

/** `verify --last 10` among so many, against reading all objects of the ten and looking at nothing. */
const compare =
  (place) =>
  ({ backups: count, times }) =>
    withSmallBackups[place](count, async ({ keys, read, note, open }) => {
      const ours = async () => {
        const { passed } = await open().validateBackups({ limit: 10 })
        if (passed !== 10) throw new Error(`${passed} of 10 backups passed`)
      }
      const objects = keys.slice(-10).flat()
      const readAll = (inFlight) => each(objects.length, inFlight, (i) => read(objects[i]))
      const inFlight = await bestInFlight((n) => rateOf(objects.length, () => readAll(n)))
      await ours()
      const measured = await inTurn(
        times,
        () => timed(ours),
        () => timed(() => readAll(inFlight)),
      )
      const server = note === undefined ? '' : `${note}, `
      return { ...measured, note: `${server}theirs ${inFlight} at once` }
    })

const sizes = { full: { backups: 30, times: 9 }, quick: { backups: 12, times: 1 } }

const row = (place, where) => ({
  what: `\`verify --last 10\` of 30 small backups ${where}`,
  against: 'raw reads of all bytes of the ten, as many at once as is best',
  reach: 'at most 2',
  unit: 'ms',
  sizes,
  run: compare(place),
})

export const rows = [
  row('disk', 'on disk'),
  row('s3', 'on S3'),
  row('far', `on S3, every request takes ${delay} ms`),
]
