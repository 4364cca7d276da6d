// One full backup of rows that are generated while they are read, to disk and not read back: `encryption.mjs
// gzip|encrypted <records>`. Prints the elapsed time and the processor time in ms, without the loading of the SDK.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryption, keygen } from '../../../packages/encryption/dist/index.js'
import { timed } from '../measure.mjs'
import { core, filesystem } from '../products.mjs'
import { idOf, rowsOf } from '../records.mjs'

const [how, count] = [process.argv[2], Number(process.argv[3])]
const rows = [...rowsOf(Math.min(count, 20_000))]

function* all() {
  for (let i = 0; i < count; i++) yield { ...rows[i % rows.length], id: idOf(i) }
}

const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
const encrypted =
  how === 'encrypted' ? { encryption: encryption({ algorithm: 'AES-256-GCM', key: keygen() }) } : {}
const take = (records) =>
  core.backup({
    source: core.records({ users: { records } }),
    driver: filesystem({ path: folder }),
    verify: false,
    ...encrypted,
  })
try {
  // A first run, because loading and compiling are not part of the cost of a record.
  await take(rows)
  const before = process.cpuUsage()
  const wall = await timed(() => take(all()))
  const { user, system } = process.cpuUsage(before)
  console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }))
} finally {
  await rm(folder, { recursive: true, force: true })
}
