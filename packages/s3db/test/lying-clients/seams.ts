import { join } from 'node:path'
import type { Client, ClientListing, ClientObject, Database } from '../../src/client/database.js'
import type { Disk, Entry } from '../../src/client/files/disk.js'
import { fileReads } from '../../src/client/files/file-database.js'

/** The clients of s3db.js that are lied to. */
export const clients = ['memory', 'file', 's3'] as const

export type ClientName = (typeof clients)[number]

interface Seam extends Writes {
  readonly past: Past
  /** Gives a resource a second name, as some plugins do. */
  alias(name: string, second: string): void
}

/** What a storage does when it is told to write and to delete records, to be changed. */
export interface Writes {
  puts(change: (object: Put, write: (object: Put) => Promise<unknown>) => Promise<unknown>): void
  deletions(change: (key: string, remove: () => Promise<unknown>) => Promise<unknown>): void
  readonly keyOf: (id: string) => string
}

export type Put = Parameters<Client['putObject']>[0]

/** What a client of s3db.js is told by its storage, to be changed. */
export interface ClientSeam extends Seam {
  /** Each page of a listing of records. */
  listings(
    change: (
      page: ClientListing,
      ask: () => Promise<ClientListing>,
    ) => ClientListing | Promise<ClientListing>,
  ): void
  /** Each object that is read. */
  objects(change: (key: string, read: () => Promise<ClientObject>) => Promise<ClientObject>): void
}

/** How it once was. */
export interface Past {
  /** When the record that has changed was written before, in ms since 1970. */
  readonly earlier: number
  /** `s3db.json` before the definition was changed. */
  readonly definitions: Uint8Array
}

/** What a file system tells of a `file://` database, to be changed. */
export interface FileSeam extends Seam {
  folders(change: (entries: readonly Entry[]) => readonly Entry[]): void
  stats(change: (path: string, stat: Stat) => Stat): void
  bodies(
    change: (path: string, body: Buffer | undefined) => Buffer | undefined | Promise<Buffer | undefined>,
  ): void
  readonly nameOf: (id: string) => string
}

export type Stat = Awaited<ReturnType<Disk['stat']>>

const nameOf = (id: string) => `id=${id}`
const data = 'resource=notes/data/'
const keyOf = (id: string) => `${data}${nameOf(id)}`

function writesOf(client: Client): Writes {
  const own = client as { -readonly [K in 'putObject' | 'deleteObject']: Client[K] }
  const { putObject, deleteObject } = client
  return {
    keyOf,
    puts(change) {
      // Called on clients derived from this one, which write elsewhere.
      own.putObject = function put(this: Client, object) {
        const write = (changed: Put) => putObject.call(this, changed)
        return object.key.startsWith(data) ? change(object, write) : write(object)
      }
    },
    deletions(change) {
      own.deleteObject = function remove(this: Client, key) {
        const really = () => deleteObject.call(this, key)
        return key.startsWith(data) ? change(key, really) : really()
      }
    },
  }
}

export function clientSeam({ client, resources }: Database, past: Past): ClientSeam {
  const list = client.listObjects.bind(client)
  const get = client.getObject.bind(client)
  const own = client as { -readonly [K in 'listObjects' | 'getObject']: Client[K] }
  return {
    past,
    ...writesOf(client),
    alias: secondNames(resources),
    listings(change) {
      own.listObjects = async (question) => {
        const page = await list(question)
        return question.prefix.startsWith(data) ? change(page, () => list(question)) : page
      }
    },
    objects(change) {
      own.getObject = (key) => change(key, () => get(key))
    },
  }
}

export function fileSeam({ client, resources }: Database, past: Past): FileSeam {
  const reads = fileReads(client)
  if (reads === undefined) throw new Error('not a database in files')
  const disk = reads.files as { -readonly [K in keyof Disk]: Disk[K] }
  const { entries, stat, read } = { ...disk }
  const isData = (path: string) => path.includes(join('resource=notes', 'data'))
  return {
    past,
    ...writesOf(client),
    alias: secondNames(resources),
    nameOf,
    folders(change) {
      disk.entries = async function* (path, call) {
        for await (const found of entries(path, call)) yield isData(path) ? change(found) : found
      }
    },
    stats(change) {
      disk.stat = async (path, call) => change(path, await stat(path, call))
    },
    bodies(change) {
      disk.read = async (path, call, bytes) => change(path, await read(path, call, bytes))
    },
  }
}

const secondNames = (resources: Database['resources']) => (name: string, second: string) => {
  const resource = resources[name]
  if (resource !== undefined) resources[second] = resource
}
