import { type Driver, type Encryption, type Row, restore, type Target } from '@s3db-backup/core'
import { memoryIn } from '../../../packages/driver-testkit/src/doubles/memory.ts'

/** A destination with these objects, one of them in another version. */
export function destination(
  objects: ReadonlyMap<string, Uint8Array>,
  key?: string,
  bytes?: Uint8Array,
): Driver {
  const all = new Map(objects)
  if (key !== undefined && bytes !== undefined) all.set(key, bytes)
  return memoryIn(all)
}

/** What a restore of a backup brings, as values: the resources with their definitions, records and raw forms. */
export async function restored(driver: Driver, id: string, encryption?: Encryption): Promise<unknown> {
  const found: unknown[] = []
  const target: Target = {
    async open({ resources, internal }) {
      found.push({ resources, internal })
    },
    async write(resource, batches) {
      for await (const { rows, raw } of batches) {
        for (const row of rows) checkRow(row)
        found.push({ resource, rows, raw: [...(raw ?? [])] })
      }
      return { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
  await restore({ driver, id, target, ...(encryption === undefined ? {} : { encryption }) })
  return found
}

function checkRow(row: Row): void {
  if (typeof row.id !== 'string') throw new Error(`a record without an id: ${JSON.stringify(row)}`)
}
