import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import type { Driver } from '@s3db-backup/core'
import { filesystem, sweep } from '@s3db-backup/driver-filesystem'
import { type S3Options, s3 } from '@s3db-backup/driver-s3'
import { memory } from '@s3db-backup/driver-testkit'
import { type Bucket, makeBucket } from '../../s3/bucket.ts'
import type { Endpoint } from '../../s3/endpoint.ts'
import { type History, seed } from './history.ts'

/** An empty or seeded destination of its own. */
export interface Place {
  readonly driver: Driver
  /** How another process opens it. */
  readonly address: Address
  /** Every object as it lies there now, in memory: judging it takes thousands of reads. */
  snapshot(): Promise<Driver>
  /** What lies there and is no object: unfinished files, open uploads. */
  unfinished(): Promise<readonly string[]>
  /** The same after the driver's own sweep, if it has one. */
  strays(): Promise<readonly string[]>
  remove(): Promise<void>
}

export type Address =
  | { readonly kind: 'memory' }
  | { readonly kind: 'filesystem'; readonly path: string }
  | { readonly kind: 's3'; readonly options: S3Options }

export type MakePlace = (history: Pick<History, 'objects'>) => Promise<Place>

export const nothing: Pick<History, 'objects'> = { objects: [] }

const call = { signal: new AbortController().signal, kind: 'part' } as const

export function openAddress(address: Address): Driver {
  if (address.kind === 'filesystem') return filesystem({ path: address.path })
  if (address.kind === 's3') return s3(address.options)
  throw new Error('Memory belongs to one process.')
}

export const inMemory: MakePlace = async (history) => {
  const driver = memory()
  await seed(driver, history, call)
  return {
    driver,
    address: { kind: 'memory' },
    snapshot: () => copyThrough(driver),
    unfinished: async () => [],
    strays: async () => [],
    remove: async () => undefined,
  }
}

/** Where files are in memory if there is such a place: thousands of trials need not wait for a disk. */
export function scratch(): string {
  const shared = '/dev/shm'
  try {
    accessSync(shared, constants.W_OK)
    return mkdtempSync(join(shared, 's3db-backup-trust-'))
  } catch {
    return mkdtempSync(join(tmpdir(), 's3db-backup-trust-'))
  }
}

export async function onDisk({ objects }: Pick<History, 'objects'>, path = scratch()): Promise<Place> {
  for (const [key, bytes] of objects) {
    mkdirSync(dirname(join(path, key)), { recursive: true })
    writeFileSync(join(path, key), bytes)
  }
  return {
    driver: filesystem({ path }),
    address: { kind: 'filesystem', path },
    snapshot: () =>
      copyOf(
        filesIn(path).flatMap((key) => (isUnfinished(key) ? [] : [[key, readFileSync(join(path, key))]])),
      ),
    unfinished: async () => filesIn(path).filter(isUnfinished),
    async strays() {
      await sweep({ path, olderThanMs: -1000 })
      return filesIn(path).filter(isUnfinished)
    },
    remove: async () => rmSync(path, { recursive: true, force: true }),
  }
}

function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) =>
    entry.isFile() ? [relative(path, join(entry.parentPath, entry.name)).replaceAll(sep, '/')] : [],
  )
}

const isUnfinished = (key: string): boolean => key.endsWith('.tmp')

async function copyOf(objects: History['objects']): Promise<Driver> {
  const driver = memory()
  await seed(driver, { objects }, call)
  return driver
}

/** Everything that a driver lists, read through it. */
async function copyThrough(driver: Driver): Promise<Driver> {
  const objects: (readonly [string, Uint8Array])[] = []
  for await (const { key } of driver.list('', call)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of driver.get(key, call)) chunks.push(chunk)
    objects.push([key, Buffer.concat(chunks)])
  }
  return copyOf(objects)
}

/** The server that a figure was seen on. */
export function serverName({ server }: Endpoint): string {
  return server === 'local' ? 'small S3 server' : server
}

/** Places in one bucket of their own, each below its prefix. */
export async function bucketOf(
  endpoint: Endpoint,
): Promise<{ make: MakePlace; bucket: Bucket; remove(): Promise<void> }> {
  const bucket = await makeBucket(endpoint)
  const { url, region, credentials } = endpoint
  return {
    bucket,
    remove: () => bucket.remove(),
    async make(history) {
      const prefix = randomUUID()
      const options: S3Options = { bucket: bucket.name, prefix, endpoint: url, region, credentials }
      const driver = s3(options)
      await seed(driver, history, call)
      const openUploads = async () => (await bucket.openUploads()).filter((key) => key.startsWith(prefix))
      return {
        driver,
        address: { kind: 's3', options },
        snapshot: () => copyThrough(driver),
        unfinished: openUploads,
        strays: openUploads,
        remove: async () => driver.close?.(),
      }
    },
  }
}
