import { posix } from 'node:path'
import { BackupError, type Operation } from '@s3db-backup/core'

/*
 * The parts of an s3db.js database that are used here, as shapes. s3db.js itself is never imported: everything
 * is reached from the database that is handed in, so there is no second copy and no version to agree on.
 */

/** One entry of a listing. */
export interface ClientListing {
  readonly Contents?:
    | readonly { readonly Key?: string; readonly Size?: number; readonly LastModified?: Date | string }[]
    | undefined
  /** With a delimiter: the beginnings that keys have in common, each up to and with the delimiter. */
  readonly CommonPrefixes?: readonly { readonly Prefix?: string }[] | undefined
  readonly IsTruncated?: boolean
  readonly NextContinuationToken?: string | null | undefined
}

/** An object as a client of s3db.js gives it: metadata already decoded. */
export interface ClientObject {
  readonly Body?: ClientBody | undefined
  readonly Metadata?: Readonly<Record<string, string | null | undefined>> | undefined
  readonly ContentType?: string | undefined
  readonly ContentLength?: number | undefined
}

export interface ClientBody {
  /** There on every client of s3db.js; its own types leave it open. */
  readonly transformToByteArray?: (() => Promise<Uint8Array>) | undefined
  destroy?(): unknown
}

export interface Client {
  /** Of the S3 client: the AWS SDK's own. */
  readonly client?: unknown
  readonly config: {
    readonly bucket?: string
    readonly keyPrefix?: string
    readonly region?: string
    readonly endpoint?: string
  }
  listObjects(options: {
    prefix: string
    maxKeys: number
    continuationToken?: string
    /** The S3 client of s3db.js ignores it. */
    delimiter?: string
  }): Promise<ClientListing>
  getObject(key: string): Promise<ClientObject>
  putObject(object: {
    key: string
    metadata: Readonly<Record<string, string | null | undefined>>
    body: string | Buffer
    contentType?: string
    /** `*`: only if there is no such object. */
    ifNoneMatch?: '*'
  }): Promise<unknown>
  deleteObject(key: string): Promise<unknown>
}

/** Whether the client speaks to an S3 server. */
export function isS3(client: Client): boolean {
  return /^https?:/.test(client.config.endpoint ?? '') || client.constructor.name === 'S3Client'
}

/** The key as S3 has it: with the database's own prefix. */
export function storedKey(client: Client, key: string): string {
  return `${storedPrefix(client)}${key}`
}

/**
 * What all keys of the database begin with on S3. s3db.js joins its prefix and a key as paths are joined: `a//b` and
 * `a/./b` become `a/b/`.
 */
export function storedPrefix({ config }: Client): string {
  const prefix = config.keyPrefix ?? ''
  const joined = prefix === '' ? '' : posix.join(prefix, '/')
  return joined === './' ? '' : joined
}

export interface Schema {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly map: Readonly<Record<string, string>>
  readonly pluginMap?: Readonly<Record<string, string>> | undefined
  readonly options: {
    readonly hooks?: object | undefined
    readonly arraySeparator?: string | undefined
  }
  readonly _pluginAttributes?: Readonly<Record<string, readonly string[]>> | undefined
  /** Reads stored values under their keys: decrypts, parses, and gives them under the names of their attributes. */
  unmapper?(stored: Readonly<Record<string, string>>): Promise<object>
}

export interface Resource {
  readonly name: string
  readonly version: string
  readonly behavior: string
  readonly schema: Schema
  readonly config: { readonly partitions?: Readonly<Record<string, unknown>>; readonly timestamps?: boolean }
  setupPartitionHooks?(): void
  getPartitionKey(options: {
    partitionName: string
    id: string
    data: Readonly<Record<string, unknown>>
  }): string | null
}

/** What s3db.json says of a resource. */
export interface SavedResource {
  readonly currentVersion?: string | undefined
  readonly partitions?: Readonly<Record<string, unknown>> | undefined
  readonly createdBy?: string | undefined
  readonly versions?: Readonly<Record<string, object>> | undefined
}

export interface Database {
  readonly client: Client
  readonly bucket?: string | undefined
  readonly s3dbVersion?: string | undefined
  readonly resources: Record<string, Resource>
  savedMetadata: { resources: Record<string, SavedResource> } | null
  readonly databaseOptions?:
    | { readonly connectionString?: string; readonly clientOptions?: unknown }
    | undefined
  readonly connectionString?: string | undefined
  readonly security?: unknown | undefined
  deferMetadataWrites?: boolean
  isConnected(): boolean
  /** Makes the client before `connect`. Older versions have none and make it at once. */
  ensureClientInitialized?(): Promise<unknown>
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
  destroy?(): unknown
  createResource(definition: object): Promise<Resource>
  uploadMetadataFile(): Promise<unknown>
  /** Writes s3db.json at once if that was put off. */
  flushMetadata?(): Promise<unknown>
  emit(event: string, ...payload: unknown[]): unknown
  on(event: string, listener: (...payload: unknown[]) => void): unknown
  once(event: string, listener: (...payload: unknown[]) => void): unknown
  off?(event: string, listener: (...payload: unknown[]) => void): unknown
}

const methods = [
  'isConnected',
  'connect',
  'disconnect',
  'createResource',
  'uploadMetadataFile',
  'emit',
  'on',
  'once',
] as const

/** Whether the value is a database of s3db.js, told by what it can do. */
export function isDatabase(value: unknown): value is Database {
  if (typeof value !== 'object' || value === null) return false
  const members = new Map<string, unknown>(methods.map((name) => [name, Reflect.get(value, name)]))
  return methods.every((name) => typeof members.get(name) === 'function') && 'resources' in value
}

/** Throws unless the database is connected: before that it knows neither its resources nor its client. */
export function checkConnected(database: Database, operation: Operation): void {
  if (database.isConnected()) return
  throw new BackupError('unavailable', 'The database is not connected', {
    operation,
    suggestion: 'Await db.connect() first.',
  })
}
