import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { idOf, recordOf } from '../database.mjs'
import { inTurn, timed } from '../measure.mjs'
import { core, filesystem } from '../products.mjs'

/** Rows to `.jsonl.gz` on disk, against gzip alone on the same bytes, which are made beforehand. */
async function compare({ records, times }) {
  const rows = Array.from({ length: records }, (_, i) => ({ id: idOf(i), ...recordOf(i) }))
  const chunks = []
  for (let from = 0; from < rows.length; from += 500)
    chunks.push(
      Buffer.from(
        `${rows
          .slice(from, from + 500)
          .map((row) => JSON.stringify(row))
          .join('\n')}\n`,
      ),
    )
  const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
  let [size, sizeAlone] = [0, 0]
  try {
    const measured = await inTurn(
      times,
      () =>
        timed(async () => {
          const driver = filesystem({ path: folder })
          const { manifest } = await core.backup({
            source: core.records({ users: { records: rows } }),
            driver,
            verify: false,
          })
          size = manifest.resources.users.bytesWritten
        }),
      () =>
        timed(async () => {
          const file = join(folder, 'alone.gz')
          await pipeline(Readable.from(chunks), createGzip({ level: 6 }), createWriteStream(file))
          sizeAlone = (await stat(file)).size
        }),
    )
    return { ...measured, note: `output ${((size / sizeAlone - 1) * 100).toFixed(1)} % larger` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const rows = [
  {
    what: 'rows to `.jsonl.gz` on disk: serialised, hashed, compressed, with their key index',
    against: 'single-threaded zlib gzip of the same bytes, same level (6)',
    reach: 'at most 0.9',
    unit: 'ms',
    sizes: { full: { records: 200_000, times: 5 }, quick: { records: 5000, times: 1 } },
    run: compare,
  },
]
