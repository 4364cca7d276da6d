import { createHash } from 'node:crypto'
import { posix } from 'node:path'

// A writer of backups that uses only the format document and nothing of core. Its output has the right seal and
// hashes, whatever it says: a case alters the lines, the manifest, its text or the stored files.

export type Fields = Record<string, unknown>

/** The lines of a resource, by the kind of part they are in, and what its entry says besides what follows from them. */
export interface ResourceLines {
  rows: string[]
  raw: string[]
  index: string[]
  deleted: string[]
  entry: Fields
}

export interface PartContent {
  file: string
  resource: string
  holds: string
  content: Buffer
  codecs?: string[]
  /** What is stored, where that is not the content. */
  bytes?: Buffer
  part?: Fields
}

export interface BackupContent {
  id: string
  resources: Record<string, ResourceLines>
  internal: Record<string, ResourceLines>
  parts: PartContent[]
  manifest: Fields
  /** The last words on the parts, the manifest, its text and the stored files. */
  alterParts?: (parts: PartContent[]) => PartContent[]
  alterManifest?: (manifest: Fields) => void
  alterText?: (text: string) => string
  alterFile?: (bytes: Buffer) => Buffer
  alterFiles?: (files: Map<string, Buffer>) => void
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

export const contentHash = (row: string, raw?: string) =>
  createHash('sha256')
    .update(raw === undefined ? row : `${row}\n${raw}`)
    .digest()
    .subarray(0, 8)
    .toString('base64url')

/** The state hash of records, by their ids and content hashes. */
export function stateOf(hashes: Iterable<readonly [string, string]>): string {
  let sum = 0n
  for (const one of hashes) sum += BigInt(`0x${sha256(JSON.stringify(one))}`)
  return (sum % 2n ** 256n).toString(16).padStart(64, '0')
}

/** A record as it is written: the fields of its row, and its raw form if it has one. */
export interface Written {
  readonly row: Fields
  readonly raw?: unknown
}

/** What a resource holds, by id. */
export type State = Readonly<Record<string, Written>>

const rowLine = (id: string, { row }: Written) => JSON.stringify({ id, ...row })
const rawLine = (id: string, { raw }: Written) =>
  raw === undefined ? undefined : JSON.stringify({ id, raw })
const hashOf = (id: string, record: Written) => contentHash(rowLine(id, record), rawLine(id, record))
const byUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** A resource that is as it should be: whole, or what has changed since the state before. */
export function lines(after: State, before?: State): ResourceLines {
  const old = new Map(Object.entries(before ?? {}).map(([id, record]) => [id, hashOf(id, record)]))
  const now = new Map(Object.entries(after).map(([id, record]) => [id, hashOf(id, record)]))
  const changed = [...now.keys()].filter((id) => old.get(id) !== now.get(id)).sort(byUtf8)
  const gone = [...old.keys()].filter((id) => !now.has(id)).sort(byUtf8)
  return {
    rows: changed.map((id) => rowLine(id, after[id]!)),
    raw: changed.flatMap((id) => rawLine(id, after[id]!) ?? []),
    index: changed.map((id) => JSON.stringify([id, 0, now.get(id)])),
    deleted: gone.map((id) => JSON.stringify({ id })),
    entry: {
      whole: before === undefined,
      totalCount: now.size,
      replacedCount: changed.filter((id) => old.has(id)).length,
      state: { before: stateOf(old), after: stateOf(now) },
    },
  }
}

type States = Readonly<Record<string, State>>

/** One backup with some resources whole. */
export function full(id: string, resources: States, internal: States = {}): BackupContent {
  const all = (states: States) =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, lines(state)]))
  return { id, resources: all(resources), internal: all(internal), parts: [], manifest: {} }
}

/** Backups `b0`, `b1`, ... of one resource, each with what has changed since the one before. */
export function chain(...states: readonly State[]): BackupContent[] {
  return states.map((state, turn) => ({
    id: `b${turn}`,
    resources: { users: lines(state, states[turn - 1]) },
    internal: {},
    parts: [],
    manifest: turn === 0 ? {} : { parent: `b${turn - 1}`, backupType: 'incremental', exportedAt: time(turn) },
  }))
}

const time = (day: number) => `2024-03-${15 + day}T14:30:45.000Z`
const kinds = ['rows', 'raw', 'index', 'deleted'] as const

function partsOf(resources: Record<string, ResourceLines>, stem: string): PartContent[] {
  return Object.entries(resources).flatMap(([resource, all], at) =>
    kinds.flatMap((holds) =>
      all[holds].length === 0 && holds !== 'rows'
        ? []
        : [
            {
              file: `${stem}${at}.${holds}.jsonl`,
              resource,
              holds,
              content: Buffer.from(all[holds].map((line) => `${line}\n`).join('')),
            },
          ],
    ),
  )
}

function describePart({ file, resource, holds, content, codecs = [], bytes = content, part }: PartContent) {
  const texts = content.toString('latin1').split('\n').slice(0, -1)
  return {
    file,
    resource,
    holds,
    records: texts.length,
    bytes: bytes.byteLength,
    sha256: sha256(bytes),
    blocks: bytes.byteLength === 0 ? [] : [sha256(bytes)],
    blockBytes: 4_194_304,
    contentBytes: content.byteLength,
    longestLine: Math.max(0, ...texts.map((text) => text.length)),
    codecs,
    ...part,
  }
}

function entriesOf(resources: Record<string, ResourceLines>, parts: readonly PartContent[]) {
  const entries = Object.entries(resources).map(([name, all]) => {
    const rows = parts
      .filter(({ resource, holds }) => resource === name && holds === 'rows')
      .map(describePart)
    const entry = {
      name,
      attributes: {},
      partitions: {},
      timestamps: false,
      recordCount: all.rows.length,
      exportFile: rows[0]?.file,
      compression: 'none',
      format: 'jsonl',
      bytesWritten: rows.reduce((sum, { bytes }) => sum + bytes, 0),
      contentHash: 'lines',
      deletedCount: all.deleted.length,
      ordered: true,
      vanished: 0,
      lost: [],
      ...all.entry,
    }
    return [name, entry] as const
  })
  return Object.fromEntries(entries)
}

export const seal = (body: string | Uint8Array) => `,\n  "checksum": "${sha256(body)}"\n}\n`

/** The files of a backup, by their keys at the destination. */
export function filesOf(backup: BackupContent): Map<string, Buffer> {
  const given = [...partsOf(backup.resources, 'r'), ...partsOf(backup.internal, 'internal'), ...backup.parts]
  const parts = backup.alterParts?.(given) ?? given
  const manifest: Fields = {
    format: 's3db-backup/1',
    version: '1.0',
    id: backup.id,
    backupType: 'full',
    status: 'completed',
    parent: null,
    set: 'aaaaaaaaaaaaaaaa',
    exportedAt: time(0),
    completedAt: time(0),
    window: { from: time(0), to: time(0) },
    database: {},
    resources: entriesOf(backup.resources, parts),
    internal: entriesOf(backup.internal, parts),
    parts: parts.map(describePart),
    metadata: {},
    writer: { name: 'conformance', version: '1' },
    ...backup.manifest,
  }
  backup.alterManifest?.(manifest)
  const text = JSON.stringify(manifest, null, 2).slice(0, -'\n}'.length)
  const body = backup.alterText?.(text) ?? text
  const file = Buffer.from(`${body}${seal(body)}`)
  const files = new Map(parts.map(({ file, content, bytes }) => [file, bytes ?? content]))
  files.set('s3db.json', backup.alterFile?.(file) ?? file)
  backup.alterFiles?.(files)
  return new Map([...files].map(([name, bytes]) => [posix.normalize(`${backup.id}/${name}`), bytes]))
}
