// Backs up the given number of generated records to a new folder and prints the peak memory of the process. Only core
// and the driver are loaded, because the memory of s3db.js is not measured here. V8's flags are set as the command
// sets them, while the program runs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import * as core from '../../../packages/core/dist/index.js'
import { filesystem } from '../../../packages/driver-filesystem/dist/index.js'
import { peakMiB } from '../../test/peak-memory.ts'
import { shortRowsOf } from '../records.mjs'

const [count, ...flags] = process.argv.slice(2)
for (const flag of flags) setFlagsFromString(flag)
const records = Number(count)
const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
try {
  const source = core.records({ users: { records: shortRowsOf(records) } })
  const result = await core.backup({ source, driver: filesystem({ path: folder }) })
  if (result.records !== records) throw new Error(`${result.records} of ${records} records`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
console.log(JSON.stringify({ peakMiB: peakMiB() }))
