import { createHash } from 'node:crypto'

/** The manifest's file name, as documented. */
export const manifestFile = 's3db.json'

/** Says that a backup was begun. No part can have this name: theirs end in `.jsonl` and a suffix. */
export const startedFile = 'started.json'

/** Says that a backup failed or was cancelled. */
export const failedFile = 'failed.json'

/** Where leases lie. No backup can: ids do not begin with a dot. */
export const leasePrefix = '.leases/'

/** Where restores in shards keep what was planned and done. */
export const restoresPrefix = '.restores/'

/** Where reports of drills lie. */
export const reportPrefix = 'reports/'

/**
 * Whether a key or prefix belongs to no backup: leases and reports are independent, although they share a
 * directory. A write and a read say so by their kind.
 */
export function isOfNoBackup(key: string): boolean {
  return [leasePrefix, reportPrefix, restoresPrefix].some((prefix) => key.startsWith(prefix))
}

/** What a part holds. `rows` is the analytics-friendly view; the others lie beside it. */
export type PartKind = 'rows' | 'raw' | 'index' | 'deleted' | 'offsets'

/** The kinds of part that hold the records of a resource. `offsets` says where in them a record is. */
export const recordKinds: ReadonlySet<string> = new Set<PartKind>(['rows', 'raw', 'index', 'deleted'])

/** Whether a file of a backup's directory is a note about the backup, or its manifest: no part can be called so. */
export function isNoteFile(file: string): boolean {
  return (
    file === manifestFile ||
    file === startedFile ||
    file === failedFile ||
    /^deleted(?:\.\d+)?\.json$/.test(file)
  )
}

/** How parts are named. */
export type PartNames = (resource: string, kind: PartKind, number: number, suffix: string) => string

/** Room for a part's ending and number within the 255 bytes that file systems allow a name. */
const longestStem = 180

/** The key of a backup's file: `<folder>/<backupId>/<file>`, all of it relative to the driver's root. */
export function fileKey(directory: string, file: string): string {
  return `${directory}/${file}`
}

/** The directory of a file: its key without the last segment. */
export function directoryOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

/** The directory of a backup below a rendered folder. */
export function backupDirectory(folder: string, backupId: string): string {
  return folder === '' ? backupId : `${folder}/${backupId}`
}

/**
 * File names for parts: `users.jsonl.gz`, `users.raw.jsonl.gz`, `users.2.jsonl.gz` for a second part.
 *
 * A resource may have any name. Letters, digits, `_` and `-` stay, every other byte of its UTF-8 becomes `%XX`;
 * so a dot never comes from a resource's name, and no name can look like another part or lead out of the
 * folder. Names that differ only in case get a number, because some file systems cannot tell them apart.
 * Parts of a shard say which one and which attempt: `users.00003-1f2e3d4c.raw.jsonl.gz`.
 */
export function partNames(shard?: ShardLabel): PartNames {
  const stems = new Map<string, string>()
  const taken = new Set<string>()
  const stemOf = (resource: string): string => {
    const known = stems.get(resource)
    if (known !== undefined) return known
    const stem = firstFree(escapeName(resource), taken)
    taken.add(stem.toLowerCase())
    stems.set(resource, stem)
    return stem
  }
  return (resource, kind, number, suffix) => {
    const kindLabel = kind === 'rows' ? '' : `.${kind}`
    const numberLabel = number === 1 ? '' : `.${number}`
    const shardLabel = shard === undefined ? '' : `.${labelOf(shard)}`
    return `${stemOf(resource)}${shardLabel}${kindLabel}${numberLabel}.jsonl${suffix}`
  }
}

/** File names for encrypted parts, which tell nothing of what is inside: `p0001.jsonl.gz.enc`. */
export function neutralNames(shard?: ShardLabel): PartNames {
  let parts = 0
  const shardLabel = shard === undefined ? '' : `${labelOf(shard)}-`
  return (_resource, _kind, _number, suffix) =>
    `p${shardLabel}${String(++parts).padStart(4, '0')}.jsonl${suffix}`
}

/** Whose parts these are: two attempts at one shard share no name. */
export interface ShardLabel {
  readonly index: number
  /** Eight hexadecimal digits, new for each attempt. */
  readonly attempt: string
}

function labelOf({ index, attempt }: ShardLabel): string {
  return `${padded(index)}-${attempt}`
}

function padded(index: number): string {
  return String(index).padStart(5, '0')
}

/** The plan of a backup in shards, while it is made. */
export const planFile = 'shards.json'

/** Says what one shard came to, while the backup is made. */
export function receiptFile(index: number): string {
  return `shard-${padded(index)}.json`
}

/** Says what coordinators decided about a manifest, by its SHA-256, where two of them met. */
export function decisionFile(manifest: string): string {
  return `decision-${manifest.slice(0, 16)}.json`
}

/** Whether a file says what was decided about a manifest. */
export function isDecision(file: string): boolean {
  return /^decision-[0-9a-f]{16}\.json$/.test(file)
}

/** The shard of a receipt file; `undefined` for any other file. */
export function indexOfReceipt(file: string): number | undefined {
  const digits = /^shard-(\d{5,})\.json$/.exec(file)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The shard and attempt that wrote a part; `undefined` for a file that no shard wrote. */
export function shardOfPart(file: string): ShardLabel | undefined {
  const [, index, attempt] = /^(?:[^.]+\.|p)(\d{5,})-([0-9a-f]{8})[.-]/.exec(file) ?? []
  return index === undefined || attempt === undefined ? undefined : { index: Number(index), attempt }
}

function firstFree(stem: string, taken: ReadonlySet<string>): string {
  let candidate = stem
  for (let number = 2; taken.has(candidate.toLowerCase()); number++) candidate = `${stem}~${number}`
  return candidate
}

/** Names that Windows keeps for devices, whatever the extension. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)$/i

function escapeName(name: string): string {
  const bytes = Buffer.from(name, 'utf8')
  const escaped = deviceName.test(name) ? escapeBytes(bytes, /^$/) : escapeBytes(bytes, /^[A-Za-z0-9_-]$/)
  if (escaped.length <= longestStem) return escaped
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return `${escaped.slice(0, longestStem - 17).replace(/%.?$/, '')}~${digest}`
}

function escapeBytes(bytes: Uint8Array, kept: RegExp): string {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return text
}
