// `pnpm bench`: measures everything in turn and writes RESULTS.md. `--quick` only shows that it works and writes
// nothing; `--only <text>` measures the rows whose names contain the text again and leaves the others unchanged.
// `--table` measures nothing: the file gets the rows and the goals of today.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { beginningOf, lineOf, results } from './results.mjs'
import { rows as cliStart } from './rows/cli-start.mjs'
import { rows as drill } from './rows/drill.mjs'
import { rows as encryption } from './rows/encryption.mjs'
import { rows as files } from './rows/files.mjs'
import { rows as fullBackup } from './rows/full-backup.mjs'
import { rows as growth } from './rows/growth.mjs'
import { rows as incremental } from './rows/incremental.mjs'
import { rows as lines } from './rows/lines.mjs'
import { rows as list } from './rows/list.mjs'
import { rows as lookInside } from './rows/look-inside.mjs'
import { rows as memory } from './rows/memory.mjs'
import { rows as mergeMemory } from './rows/merge-memory.mjs'
import { rows as operationsMemory } from './rows/operations-memory.mjs'
import { rows as past } from './rows/past.mjs'
import { rows as rclone } from './rows/rclone.mjs'
import { rows as reading } from './rows/reading.mjs'
import { rows as s3Documented } from './rows/s3-documented.mjs'
import { rows as s3Export } from './rows/s3-export.mjs'
import { rows as s3Restore } from './rows/s3-restore.mjs'
import { rows as s3ToS3 } from './rows/s3-to-s3.mjs'
import { rows as s3Upload } from './rows/s3-upload.mjs'
import { rows as shards } from './rows/shards.mjs'
import { rows as verifyLast } from './rows/verify-last.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const all = [
  ...incremental,
  ...mergeMemory,
  ...fullBackup,
  ...lines,
  ...reading,
  ...list,
  ...verifyLast,
  ...lookInside,
  ...drill,
  ...memory,
  ...operationsMemory,
  ...encryption,
  ...growth,
  ...s3Export,
  ...s3Restore,
  ...s3Documented,
  ...s3ToS3,
  ...s3Upload,
  ...shards,
  ...past,
  ...files,
  ...rclone,
  ...cliStart,
]
const chosen = all.filter(({ what }) => values.only === undefined || what.includes(values.only))
const file = join(import.meta.dirname, 'RESULTS.md')

async function measureAll() {
  const measured = new Map()
  const write = async () => writeFile(file, results(all, measured, await readFile(file, 'utf8')))
  if (values.table) return write()
  for (const row of chosen) {
    const figures = await row.run(values.quick ? row.sizes.quick : row.sizes.full)
    if (figures.skipped !== undefined) {
      console.log(`Skipped: ${beginningOf(row)} ${figures.skipped}`)
      continue
    }
    measured.set(row, lineOf({ ...row, ...figures }))
    console.log(measured.get(row))
    // Written at once, so that an interrupted run keeps its measurements.
    if (!values.quick) await write()
  }
}

// s3db.js catches uncaught errors and ends the process as if all were well.
try {
  await measureAll()
  process.exit(0)
} catch (error) {
  console.error(error)
  process.exit(1)
}
