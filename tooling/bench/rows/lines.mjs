import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { inTurn, timed } from '../measure.mjs'
import { core, filesystem } from '../products.mjs'
import { rowsOf } from '../records.mjs'

const sizes = { full: { records: 200_000, times: 5 }, quick: { records: 5000, times: 1 } }

/** Rows to compressed lines on disk, against gzip alone on the same bytes, which are made beforehand. */
const compare =
  (codec) =>
  async ({ records, times }) => {
    const rows = [...rowsOf(records)]
    const chunks = linesOf(rows)
    const folder = await mkdtemp(join(tmpdir(), 's3db-bench-'))
    let [size, sizeAlone] = [0, 0]
    const ours = async () => {
      const { manifest } = await core.backup({
        source: core.records({ users: { records: rows } }),
        driver: filesystem({ path: folder }),
        codecs: [codec()],
        verify: false,
      })
      size = manifest.resources.users.bytesWritten
    }
    const alone = async () => {
      const file = join(folder, 'alone.gz')
      await pipeline(Readable.from(chunks), createGzip({ level: 6 }), createWriteStream(file))
      sizeAlone = (await stat(file)).size
    }
    try {
      await Promise.all([ours(), alone()])
      const measured = await inTurn(
        times,
        () => timed(ours),
        () => timed(alone),
      )
      return { ...measured, note: `output ${sizeOf(size / sizeAlone)}` }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

const sizeOf = (ratio) =>
  ratio >= 1 ? `${((ratio - 1) * 100).toFixed(1)} % larger` : `${((1 - ratio) * 100).toFixed(1)} % smaller`

function linesOf(rows) {
  const chunks = []
  for (let from = 0; from < rows.length; from += 500) {
    const lines = rows.slice(from, from + 500).map((row) => JSON.stringify(row))
    chunks.push(Buffer.from(`${lines.join('\n')}\n`))
  }
  return chunks
}

export const rows = [
  {
    what: 'rows to `.jsonl.gz` on disk: serialised, hashed, compressed, with their key index',
    against: 'single-threaded zlib gzip of the same bytes, same level (6)',
    reach: 'at most 0.55',
    unit: 'ms',
    sizes,
    run: compare(() => core.gzip()),
  },
  {
    what: 'rows to `.jsonl.zst` on disk, zstd level 1: serialised, hashed, compressed, with their key index',
    against: 'single-threaded zlib gzip of the same bytes, level 6',
    reach: 'at most 0.6',
    unit: 'ms',
    sizes,
    run: compare(() => core.zstd({ level: 1 })),
  },
]
