import { join, posix, sep } from 'node:path'
import * as z from 'zod'
import type { Client } from '../database.js'
import { type Disk, disk } from './disk.js'

/*
 * How s3db.js keeps a `file://` database on disk: an object with the key `a/b` is two files, `a/b` with its body
 * and `a/b.meta.json` with its metadata, type, ETag (the MD5 of the body's file) and times. Each is written under
 * another name and renamed, the body first; the body is deleted first, too. So does
 * s3db.js 21.6.2. The files are read here directly: its client leaves out whatever it cannot read and says nothing.
 */

/** The location of a `file://` database, and the file options of its client. */
export interface FileDatabase {
  /** The absolute path of the folder. */
  readonly root: string
  /** The database's own prefix, without slashes at its ends; empty for none. */
  readonly keyPrefix: string
  /** Objects are gone once their `expiresAt` has passed. */
  readonly expires: boolean
  /** The ending of the copies that the client keeps of what it overwrites; `undefined` if it keeps none. */
  readonly copySuffix: string | undefined
}

const fileClient = z.object({
  config: z.object({ basePath: z.string().min(1), endpoint: z.string().startsWith('file://') }),
  keyPrefix: z.string().default(''),
  storage: z.object({
    enableTTL: z.boolean().default(false),
    enableBackup: z.boolean().default(false),
    backupSuffix: z.string().min(1).default('.bak'),
    // How s3db.js stores an object in two files. A client with a different way is called instead of bypassed.
    _readMetadata: z.custom<unknown>((value) => typeof value === 'function'),
  }),
})

/** What reading the files of a database needs. */
export interface FileReads {
  readonly client: Client
  readonly database: FileDatabase
  readonly files: Disk
}

const known = new WeakMap<Client, FileReads | 'none'>()

/** How to read the files of a client that keeps its database in files; `undefined` for any other client. */
export function fileReads(client: Client): FileReads | undefined {
  if (!client.config.endpoint?.startsWith('file://')) return undefined
  let reads = known.get(client)
  if (reads === undefined) {
    const database = fileDatabase(client)
    reads = database === undefined ? 'none' : { client, database, files: disk() }
    known.set(client, reads)
  }
  return reads === 'none' ? undefined : reads
}

function fileDatabase(client: Client): FileDatabase | undefined {
  const { data } = fileClient.safeParse(client)
  if (data === undefined) return undefined
  const { enableTTL, enableBackup, backupSuffix } = data.storage
  return {
    root: data.config.basePath,
    keyPrefix: data.keyPrefix.replace(/^\/+|\/+$/g, ''),
    expires: enableTTL,
    copySuffix: enableBackup ? backupSuffix : undefined,
  }
}

export const metadataSuffix = '.meta.json'

/** The path of an object's body. */
export function pathOf({ root, keyPrefix }: FileDatabase, key: string): string {
  return join(root, posix.join(keyPrefix, key).replaceAll('/', sep))
}
