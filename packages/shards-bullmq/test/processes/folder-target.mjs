// A database that several processes write to: one file per record, slow enough to be killed in the middle.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export function folderTarget(path, msPerBatch) {
  return {
    ranges: true,
    open: () => mkdir(path, { recursive: true }),
    async write(_, batches, { signal }) {
      let restored = 0
      for await (const { rows } of batches) {
        await pause(msPerBatch, undefined, { signal })
        for (const row of rows) await writeFile(join(path, `${row.id}.json`), JSON.stringify(row))
        restored += rows.length
      }
      return { restored, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
}

/** The records in it, ids ascending. */
export async function recordsOf(path) {
  const files = (await readdir(path)).sort()
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(path, file), 'utf8'))))
}
