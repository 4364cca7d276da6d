import { createHash } from 'node:crypto'
import { sealManifest } from '../src/format/manifest/manifest-file.js'
import type { Manifest, Part, ResourceEntry } from '../src/manifest.js'
import { aManifest, aResource } from './manifests.js'

// Backups as another writer or a forger writes them: every seal, hash and size is right, whatever the content says.

/** What lies in the parts of a resource, line by line, and what its entry says besides what follows from that. */
export interface ForgedResource {
  readonly rows: string[]
  readonly raw: string[]
  readonly index: string[]
  readonly deleted: string[]
  readonly entry: Partial<ResourceEntry>
}

export interface ForgedPart {
  readonly file: string
  readonly resource: string
  readonly holds: string
  readonly content: string
  readonly codecs?: string[]
}

export interface ForgedBackup {
  readonly id: string
  resources: Record<string, ForgedResource>
  internal: Record<string, ForgedResource>
  /** Parts besides those of the resources. */
  readonly parts: ForgedPart[]
  readonly manifest: Partial<Manifest>
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** The content hash of a record, from its lines. */
export const hashOf = (row: string, raw?: string) =>
  createHash('sha256')
    .update(raw === undefined ? row : `${row}\n${raw}`)
    .digest()
    .subarray(0, 8)
    .toString('base64url')

/** The state hash of records, by id. */
export function stateOf(hashes: ReadonlyMap<string, string>): string {
  let sum = 0n
  for (const one of hashes) sum += BigInt(`0x${sha256(JSON.stringify(one))}`)
  return BigInt.asUintN(256, sum).toString(16).padStart(64, '0')
}

export const linesText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

const kinds = ['rows', 'raw', 'index', 'deleted'] as const

/** The file of a kind of part. Two parts of rows show that their order counts. */
const fileOf = (resource: string, holds: string, number = 1) =>
  `${resource.replaceAll(/[^a-z]/g, '_')}.${holds}${number === 1 ? '' : `.${number}`}.jsonl`

function partOf({ file, resource, holds, content, codecs = [] }: ForgedPart): Part {
  const bytes = Buffer.from(content)
  const lines = content.split('\n').slice(0, -1)
  return {
    file,
    resource,
    holds,
    records: lines.length,
    bytes: bytes.byteLength,
    sha256: sha256(bytes),
    blocks: bytes.byteLength === 0 ? [] : [sha256(bytes)],
    blockBytes: 4_194_304,
    contentBytes: bytes.byteLength,
    longestLine: Math.max(0, ...lines.map((line) => Buffer.byteLength(line))),
    codecs,
  }
}

/** The parts of a resource: rows always, the rest where there are lines. */
function partsOf(name: string, resource: ForgedResource): ForgedPart[] {
  const stem = typeof resource.entry.of === 'string' || resource.entry.of === null ? `internal ${name}` : name
  return kinds.flatMap((holds) => {
    const lines = resource[holds]
    if (lines.length === 0 && holds !== 'rows') return []
    const half = holds === 'rows' && lines.length > 1 ? 1 : lines.length
    return [lines.slice(0, half), lines.slice(half)].flatMap((some, at) =>
      at > 0 && some.length === 0
        ? []
        : [{ file: fileOf(stem, holds, at + 1), resource: name, holds, content: linesText(some) }],
    )
  })
}

function entryFor(name: string, resource: ForgedResource): ResourceEntry {
  const rows = partsOf(name, resource).filter(({ holds }) => holds === 'rows')
  return aResource(name, {
    recordCount: resource.rows.length,
    deletedCount: resource.deleted.length,
    totalCount: resource.rows.length,
    exportFile: rows[0]?.file ?? '',
    bytesWritten: rows.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
    compression: 'none',
    contentHash: 'lines',
    ...resource.entry,
  })
}

const entriesOf = (resources: Record<string, ForgedResource>) =>
  Object.fromEntries(Object.entries(resources).map(([name, resource]) => [name, entryFor(name, resource)]))

/** The manifest of a forged backup. */
export function manifestOf(backup: ForgedBackup): Manifest {
  return aManifest({
    id: backup.id,
    resources: entriesOf(backup.resources),
    internal: entriesOf(backup.internal),
    parts: forgedParts(backup).map(partOf),
    ...backup.manifest,
  })
}

export function forgedParts({ resources, internal, parts }: ForgedBackup): ForgedPart[] {
  const all = [...Object.entries(resources), ...Object.entries(internal)]
  return [...all.flatMap(([name, resource]) => partsOf(name, resource)), ...parts]
}

/** What lies on the destination. */
export function objectsOf(backups: readonly ForgedBackup[]): [string, Uint8Array][] {
  return backups.flatMap((backup) => [
    [`${backup.id}/s3db.json`, sealManifest(manifestOf(backup)).bytes] as [string, Uint8Array],
    ...forgedParts(backup).map(({ file, content }): [string, Uint8Array] => [
      `${backup.id}/${file}`,
      Buffer.from(content),
    ]),
  ])
}

/** A record with or without a raw form. */
export interface ForgedRecord {
  readonly value: number
  readonly raw?: number | undefined
}

export type ForgedState = Readonly<Record<string, ForgedRecord>>

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

export const rowLine = (id: string, { value }: ForgedRecord) => JSON.stringify({ id, value })
const rawLine = (id: string, { raw }: ForgedRecord) =>
  raw === undefined ? undefined : JSON.stringify({ id, raw })

const hashesOf = (state: ForgedState) =>
  new Map(Object.entries(state).map(([id, record]) => [id, hashOf(rowLine(id, record), rawLine(id, record))]))

/** An honest resource: whole, or what changed since the state before. */
export function honest(after: ForgedState, before?: ForgedState): ForgedResource {
  const [old, now] = [hashesOf(before ?? {}), hashesOf(after)]
  const changed = [...now.keys()].filter((id) => old.get(id) !== now.get(id)).sort(byBytes)
  const records = changed.map((id) => ({ id, record: after[id] as ForgedRecord }))
  return {
    rows: records.map(({ id, record }) => rowLine(id, record)),
    raw: records.flatMap(({ id, record }) => rawLine(id, record) ?? []),
    index: changed.map((id) => JSON.stringify([id, 0, now.get(id)])),
    deleted: [...old.keys()]
      .filter((id) => !now.has(id))
      .sort(byBytes)
      .map((id) => JSON.stringify({ id })),
    entry: {
      whole: before === undefined,
      totalCount: now.size,
      replacedCount: changed.filter((id) => old.has(id)).length,
      state: { before: stateOf(old), after: stateOf(now) },
    },
  }
}

/** An honest chain of backups of some resources, each state after the other. */
export function honestChain(states: readonly Readonly<Record<string, ForgedState>>[]): ForgedBackup[] {
  return states.map((state, turn) => {
    const before = turn === 0 ? undefined : states[turn - 1]
    return {
      id: `b${turn}`,
      resources: Object.fromEntries(
        Object.entries(state).map(([name, records]) => [name, honest(records, before?.[name])]),
      ),
      internal: {},
      parts: [],
      manifest: {
        parent: turn === 0 ? null : `b${turn - 1}`,
        backupType: turn === 0 ? 'full' : 'incremental',
      },
    }
  })
}
