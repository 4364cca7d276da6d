import { untilAborted } from '@s3db-backup/core/internal'
import type { S3db } from 's3db.js'
import { loadS3db } from '../access/load-s3db.js'
import { compareIds, compareRecords, type DemoRecord, type Difference } from './compare.js'
import type { DemoResource } from './resources.js'

/** Secrets are encrypted with it in the database; a backup neither needs nor contains it. */
const passphrase = 'correct horse battery staple'

/** Records inserted or read at once. */
const atOnce = 100

export interface Watched {
  readonly signal: AbortSignal
  /** Called with the records done so far, of the resource. */
  readonly onProgress: (resource: string, records: number) => void
}

/** Works with the demo's database in a folder. It is created if it does not exist. */
export async function withDatabase<T>(folder: string, work: (database: S3db) => Promise<T>): Promise<T> {
  const { S3db } = await loadS3db()
  const database = new S3db({
    connectionString: connectionTo(folder),
    security: { passphrase },
    logLevel: 'silent',
    exitOnSignal: false,
  })
  await database.connect()
  try {
    return await work(database)
  } finally {
    await database.disconnect()
  }
}

/** The folder as a connection string. Spaces and the like are encoded. */
export function connectionTo(folder: string): string {
  return `file://${folder.split('/').map(encodeURIComponent).join('/')}`
}

/** Makes the resources and puts all their records in. */
export async function fill(
  database: S3db,
  resources: readonly DemoResource[],
  { signal, onProgress }: Watched,
): Promise<void> {
  for (const { records, ...definition } of resources) {
    const resource = await database.createResource({ ...definition, asyncPartitions: false })
    for (let from = 0; from < records.length; from += atOnce) {
      const some = records.slice(from, from + atOnce).map((record) => structuredClone(record))
      await untilAborted(() => Promise.all(some.map((record) => resource.insert(record))), signal)
      onProgress(definition.name, from + some.length)
    }
  }
}

/** Reads every record and every partition through s3db.js and names all differences from the inserted data. */
export async function findDifferences(
  database: S3db,
  resources: readonly DemoResource[],
  { signal, onProgress }: Watched,
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const demo of resources) {
    const resource = await database.getResource(demo.name)
    const ids = await resource.listIds({ limit: Number.MAX_SAFE_INTEGER })
    const found: DemoRecord[] = []
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce)
      const records = await untilAborted(() => Promise.all(some.map((id) => resource.get(id))), signal)
      found.push(...records.map((record) => ({ ...record, id: String(record.id) })))
      onProgress(demo.name, found.length)
    }
    differences.push(...compareRecords(demo.name, demo.records, found))
    for (const { partition, values, ids: expected } of partitionsOf(demo)) {
      const listed = await resource.listIds({
        partition,
        partitionValues: values,
        limit: Number.MAX_SAFE_INTEGER,
      })
      differences.push(...compareIds(demo.name, partition, expected, listed))
    }
  }
  return differences
}

/** Every value that a partition has, with the ids that belong there. */
export function partitionsOf({ partitions = {}, records }: DemoResource) {
  return Object.entries(partitions).flatMap(([partition, { fields }]) => {
    const names = Object.keys(fields)
    const groups = new Map<string, DemoRecord[]>()
    for (const record of records) {
      const key = JSON.stringify(names.map((name) => record[name]))
      groups.set(key, [...(groups.get(key) ?? []), record])
    }
    return [...groups.values()].map((group) => ({
      partition,
      values: Object.fromEntries(names.map((name) => [name, group[0]?.[name]])),
      ids: group.map(({ id }) => id),
    }))
  })
}
