import { inChild } from '../child.mjs'
import { inTurn } from '../measure.mjs'

const sizes = { full: { records: 100_000, times: 5 }, quick: { records: 2000, times: 1 } }

const measured = new Map()

/** One backup in a process of its own; its figures serve several rows. */
async function figuresOf(who, records, turn) {
  const key = `${who} ${turn}`
  const figures = measured.get(key) ?? inChild('full-backup.mjs', [who, records])
  measured.set(key, figures)
  return figures
}

const compare =
  (who, figure) =>
  ({ records, times }) =>
    inTurn(
      times,
      async (turn) => (await figuresOf('ours', records, turn))[figure],
      async (turn) => (await figuresOf(who, records, turn))[figure],
    )

export const rows = [
  {
    what: 'full backup of 100,000 records of about 500 B, `memory://` to disk',
    against: "s3db.js's own BackupPlugin, which exports the first 1,000 of them",
    reach: 'at least 12',
    unit: 'records/s',
    sizes,
    run: compare('capped', 'rate'),
  },
  {
    what: 'the same',
    against: "s3db.js's own BackupPlugin, made to list all of them",
    reach: 'at least 6',
    unit: 'records/s',
    sizes,
    run: compare('lifted', 'rate'),
  },
  {
    what: 'the same, peak memory of the whole process, the database in memory with it',
    against: "s3db.js's own BackupPlugin, made to list all of them",
    reach: 'at most 0.5; the database alone is above that',
    unit: 'MiB',
    sizes,
    run: compare('lifted', 'peakMiB'),
  },
  {
    what: 'the same, peak memory beyond what the process had before the backup',
    against: "s3db.js's own BackupPlugin, made to list all of them",
    reach: 'at most 0.5',
    unit: 'MiB',
    sizes,
    run: compare('lifted', 'addedMiB'),
  },
]
