import { inChild } from '../child.mjs'
import { inTurn } from '../measure.mjs'

const sizes = { full: { records: 300_000, times: 7 }, quick: { records: 3000, times: 1 } }

const measured = new Map()

/** One backup in a process of its own; its figures serve both rows. */
async function figuresOf(how, records, turn) {
  const key = `${how} ${records} ${turn}`
  const figures = measured.get(key) ?? inChild('encryption.mjs', [how, records])
  measured.set(key, figures)
  return figures
}

const compare =
  (figure) =>
  ({ records, times }) =>
    inTurn(
      times,
      async (turn) => (await figuresOf('encrypted', records, turn))[figure],
      async (turn) => (await figuresOf('gzip', records, turn))[figure],
    )

export const rows = [
  {
    what: 'full backup of 300,000 rows (about 150 MB), gzip and encrypted, to disk',
    against: 'the same with gzip alone',
    reach: 'at most 1.1',
    unit: 'ms',
    sizes,
    run: compare('wall'),
  },
  {
    what: 'the same, processor time',
    against: 'the same with gzip alone',
    reach: 'at most 1.1',
    unit: 'ms',
    sizes,
    run: compare('cpu'),
  },
]
