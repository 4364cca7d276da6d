import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { inTurn, timed } from '../measure.mjs'
import { core, filesystem } from '../products.mjs'
import { rowsOf } from '../records.mjs'

const sizes = { full: { records: 400_000, times: 7 }, quick: { records: 5000, times: 1 } }

/** Reading a backup of one resource, against unpacking its file of rows and looking at nothing. */
const compare =
  (read) =>
  async ({ records, times }) => {
    const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
    const driver = filesystem({ path: folder })
    const source = core.records({ users: { records: rowsOf(records) } })
    try {
      const { id, manifest } = await core.backup({ source, driver, verify: false })
      const { file } = manifest.parts.find(({ holds }) => holds === 'rows')
      const ours = () => read({ id, driver, records })
      const alone = () => unpack(join(folder, id, file))
      await ours()
      await alone()
      return await inTurn(
        times,
        () => timed(ours),
        () => timed(alone),
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

async function unpack(path) {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  await pipeline(createReadStream(path), createGunzip(), nowhere)
}

async function verify({ id, driver }) {
  const { ok } = await core.verify({ id, driver, level: 'full' })
  if (!ok) throw new Error('the backup is not as it should be')
}

async function restore({ id, driver, records }) {
  const target = counting()
  await core.restore({ id, driver, target })
  if (target.restored() !== records) throw new Error(`${target.restored()} of ${records} records`)
}

/** A database that takes whatever it gets and keeps nothing. */
function counting() {
  let restored = 0
  return {
    restored: () => restored,
    async open() {
      // There is nothing to prepare.
    },
    async write(_resource, batches) {
      const before = restored
      for await (const { rows } of batches) restored += rows.length
      return { restored: restored - before, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

export const rows = [
  {
    what: 'verify a backup in full: every byte hashed, unpacked, every line parsed, the key index too',
    against: 'bare gunzip of its file of rows',
    reach: 'at most 1.3',
    unit: 'ms',
    sizes,
    run: compare(verify),
  },
  {
    what: 'restore the same backup into a database that takes no time',
    against: 'bare gunzip of its file of rows',
    reach: 'none: what the database takes comes on top',
    unit: 'ms',
    sizes,
    run: compare(restore),
  },
]
