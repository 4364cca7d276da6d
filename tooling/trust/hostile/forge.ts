import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'

// Makes backups as an attacker would who has read the format document and can write to the destination. It uses none
// of our code, because it needs exactly what our own writer refuses to write.

/** Anything that JSON can hold, and what a forger writes in its place. */
export type Fields = Readonly<Record<string, unknown>>

/** One part: its content, and where its entry in the manifest lies about it. */
export interface ForgedPart {
  readonly file: string
  readonly resource?: string
  readonly holds?: string
  /** Lines, before the codecs. */
  readonly content?: string | Uint8Array
  readonly codecs?: readonly string[]
  /** What lies at the destination, in place of the encoded content; nothing at all if `null`. */
  readonly stored?: Uint8Array | null
  /** Where the manifest differs from the truth. */
  readonly says?: Fields
}

/** A backup to be forged. Left out, a field is as it should be. */
export interface Forgery {
  readonly id?: string
  readonly folder?: string
  /** By name: where the entry differs from the truth. */
  readonly resources?: Fields
  readonly internal?: Fields
  readonly parts?: readonly ForgedPart[]
  readonly manifest?: Fields
  /** Texts of the JSON to put others in the place of: what `JSON.stringify` does not write. */
  readonly spelled?: Readonly<Record<string, string>>
}

export const forgedId = 'full-2024-03-15T14-30-45-forged'
const zeros = '0'.repeat(64)
const time = '2024-03-15T14:30:45.000Z'
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  brotli: (bytes) => zlib.brotliCompressSync(bytes),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
}

/** Applies codecs as the format document says. Names that are none of its codecs change nothing. */
export function encoded(bytes: Uint8Array, codecs: readonly string[]): Uint8Array {
  return codecs.reduce((done, codec) => encoders[codec]?.(done) ?? done, bytes)
}

/** The state hash of an index, as the format document has it; that of no records if it is none. */
export function stateOf(index: string): string {
  const sum = index
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [id, , hash]: unknown[] = JSON.parse(line)
      return BigInt(`0x${sha256(Buffer.from(JSON.stringify([id, hash])))}`)
    })
    .reduce((total, one) => (total + one) % 2n ** 256n, 0n)
  return sum.toString(16).padStart(64, '0')
}

/**
 * The parts with a key index for each resource that has rows and none: an entry for each row, in their order. The
 * content hash is that of the line; nothing of a forged backup says that it is of anything else.
 */
export function withIndexes(parts: readonly ForgedPart[]): readonly ForgedPart[] {
  const resourceOf = ({ resource = 'users' }: ForgedPart) => resource
  const indexed = new Set(parts.filter(({ holds }) => holds === 'index').map(resourceOf))
  const lines = new Map<string, string[]>()
  for (const part of parts.filter(({ holds = 'rows' }) => holds === 'rows')) {
    const resource = resourceOf(part)
    if (indexed.has(resource)) continue
    const rows = Buffer.from(part.content ?? '')
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
    lines.set(resource, [...(lines.get(resource) ?? []), ...rows])
  }
  const indexes = [...lines].map(([resource, rows], at) => ({
    file: `index-${at}`,
    resource,
    holds: 'index',
    content: rows.map((row) => `${JSON.stringify([idIn(row), 0, contentHashOf(row)])}\n`).join(''),
  }))
  return [...parts, ...indexes]
}

/** A line that is no record has an id all the same, so that its index has as many entries as there are rows. */
function idIn(row: string): unknown {
  try {
    return JSON.parse(row).id ?? 'none'
  } catch {
    return 'none'
  }
}

/** 64 bits of SHA-256, in base64url. */
function contentHashOf(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64url')
}

/** An entry of `resources` or `internal`, for parts with key indexes. */
export function forgedEntry(
  name: string,
  given: readonly ForgedPart[],
  parts: readonly Fields[],
  more: unknown = {},
): unknown {
  if (typeof more !== 'object' || more === null) return more
  const index = given.filter(({ resource = 'users', holds }) => resource === name && holds === 'index')
  const after = stateOf(index.map(({ content = '' }) => Buffer.from(content).toString('utf8')).join(''))
  const rows = parts.filter(({ resource, holds }) => resource === name && holds === 'rows')
  const sum = (field: string) => rows.reduce((total, part) => total + (Number(part[field]) || 0), 0)
  return {
    ...{ name, attributes: { name: 'string' }, partitions: {}, timestamps: false },
    ...{
      recordCount: sum('records'),
      exportFile: rows[0]?.file ?? 'none',
      compression: 'none',
      format: 'jsonl',
    },
    ...{
      bytesWritten: sum('bytes'),
      whole: true,
      totalCount: sum('records'),
      replacedCount: 0,
      deletedCount: 0,
    },
    ...{ state: { before: zeros, after }, ordered: true, vanished: 0, lost: [] },
    ...more,
  }
}

/** What a manifest says of a part. */
export function forgedPartEntry(part: ForgedPart): Fields {
  const { file, resource = 'users', holds = 'rows', codecs = [], says = {} } = part
  const content = Buffer.from(part.content ?? '')
  const stored = part.stored ?? encoded(content, codecs)
  const lines = content.toString('latin1').split('\n').slice(0, -1)
  const blockBytes = 4 * 1024 * 1024
  const blocks = Array.from({ length: Math.ceil(stored.byteLength / blockBytes) }, (_, block) =>
    sha256(stored.subarray(block * blockBytes, (block + 1) * blockBytes)),
  )
  return {
    ...{
      file,
      resource,
      holds,
      records: lines.length,
      bytes: stored.byteLength,
      sha256: sha256(stored),
      blocks,
    },
    ...{
      blockBytes,
      contentBytes: content.byteLength,
      longestLine: Math.max(0, ...lines.map((line) => line.length)),
    },
    codecs,
    ...says,
  }
}

/** The text of a JSON object with its seal, the last field, as the format document has it. */
export function sealed(json: string): Uint8Array {
  const body = Buffer.from(json.replace(/\s*\}\s*$/, ''))
  return Buffer.concat([body, Buffer.from(`,\n  "checksum": "${sha256(body)}"\n}\n`)])
}

/** A field called `__proto__` has to be a field, not a prototype. */
function ownFields(entries: readonly (readonly [string, unknown])[]): Fields {
  const fields = {}
  for (const [name, value] of entries)
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true })
  return fields
}

/** The manifest of a forgery as JSON, before the seal. */
export function forgedManifest(forgery: Forgery): Fields {
  const { id = forgedId, resources = { users: {} }, internal = {}, manifest = {} } = forgery
  const parts = withIndexes(forgery.parts ?? [])
  const entries = parts.map(forgedPartEntry)
  const named = (given: Fields) =>
    ownFields(Object.entries(given).map(([name, more]) => [name, forgedEntry(name, parts, entries, more)]))
  return {
    ...{ format: 's3db-backup/1', version: '1.0', id, backupType: 'full', status: 'completed', parent: null },
    ...{
      set: 'a'.repeat(16),
      exportedAt: time,
      completedAt: time,
      window: { from: time, to: time },
      database: {},
    },
    ...{ resources: named(resources), internal: named(internal), parts: entries, metadata: {} },
    writer: { name: 'a stranger', version: '0' },
    ...manifest,
  }
}

/** Every object of a forged backup, by key. */
export function forge(forgery: Forgery): Map<string, Uint8Array> {
  const { id = forgedId, folder = '', spelled = {} } = forgery
  const parts = withIndexes(forgery.parts ?? [])
  const directory = folder === '' ? id : `${folder}/${id}`
  const objects = new Map<string, Uint8Array>()
  for (const { file, stored, content = '', codecs = [] } of parts) {
    const bytes = stored === undefined ? encoded(Buffer.from(content), codecs) : stored
    if (bytes !== null) objects.set(`${directory}/${file}`, bytes)
  }
  const json = JSON.stringify(forgedManifest(forgery), null, 2)
  const text = Object.entries(spelled).reduce((done, [from, to]) => done.replaceAll(from, () => to), json)
  objects.set(`${directory}/s3db.json`, sealed(text))
  return objects
}
