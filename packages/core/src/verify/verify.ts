import { openBackup } from '../chain/open-backup.js'
import type { Link } from '../chain/read-index.js'
import { type BackupError, isBackupError } from '../errors.js'
import { firstKeyPart, keyFilesOf, keysKind } from '../format/key-files.js'
import { fileKey } from '../format/layout.js'
import type { Manifest, Part } from '../format/manifest.js'
import { checkCodecs, checkLines } from '../format/part-reader.js'
import { damaged, type ReadContext, readStored } from '../format/stored-part.js'
import { openCatalog } from '../inventory/catalog.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import type { OnEvent } from '../ports/events.js'
import { guard } from '../ports/guard.js'
import { drain } from '../streams/bytes.js'
import {
  type CheckedVerify,
  isIn,
  parseVerifyOptions,
  type VerifyLevel,
  type VerifyOptions,
} from './verify-options.js'

/** What a verification saw. `ok` only if nothing is wrong. */
export interface VerifyReport {
  readonly id: string
  readonly level: VerifyLevel
  readonly ok: boolean
  /** Parts whose presence and size were compared. */
  readonly files: number
  /** Their stored bytes; all were read unless the level is `quick` or a `subset` was asked for. */
  readonly bytes: number
  /** Records in all parts of rows; 0 if they are encrypted and there is no key. */
  readonly records: number
  /** One error for each damaged or missing part; `metadata` says where. */
  readonly problems: readonly BackupError[]
}

/**
 * Checks a backup against its own manifest. All parts are looked at, also after one is found damaged.
 * Resolves with a report; rejects with `not_found` or `corrupt` if there is no manifest to check against, with
 * `undecryptable` if the key is missing or wrong, with `conflict` for a plain backup where encryption is given,
 * with `unsupported` if a codec is missing, and with what the storage says if it cannot be read at all.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { id, level, subset, signal, onEvent, ...given } = parseVerifyOptions(options)
  const driver = guard(given.driver)
  const entry = await openCatalog(driver).get(id, { signal, operation: 'verify' })
  const { manifest, context } = await readable(entry, { ...given, driver, level, signal })
  const parts = await partsThatCount(context, manifest)
  if (level === 'full') checkCodecs(context, parts)
  const problems = [...(await compareSizes(context, parts))]
  if (level !== 'quick') {
    const read = level === 'full' ? readPart : readBytes
    const sample = parts.filter((part) => isIn(part, subset))
    problems.push(...(await readParts(context, sample, { known: problems, read, onEvent })))
  }
  return {
    id,
    level,
    ok: problems.length === 0,
    files: parts.length,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    records: Object.values(manifest.resources).reduce((sum, resource) => sum + resource.recordCount, 0),
    problems: problems.map((problem) => problem.with({ operation: 'verify' })),
  }
}

type Given = Pick<CheckedVerify, 'codecs' | 'encryption' | 'allowPlain' | 'level' | 'driver' | 'signal'>

/** Without a key, what is stored of an encrypted backup can be checked against the manifest's readable half. */
async function readable(entry: CatalogEntry, { level, ...given }: Given): Promise<Link> {
  const { driver, signal, encryption } = given
  if (level === 'full' || encryption !== undefined || entry.manifest.encryption === undefined)
    return openBackup(entry, { ...given, operation: 'verify' })
  const { id: backupId, directory, manifest } = entry
  return { manifest, context: { driver, backupId, directory, codecs: new Map(), signal } }
}

/** The first key file may be taken away once there is a newer one. */
async function partsThatCount(context: ReadContext, manifest: Manifest): Promise<readonly Part[]> {
  const keys = firstKeyPart(manifest)
  if (keys === undefined) return manifest.parts
  const files = await keyFilesOf(context.driver, context.directory, context)
  const dispensable = files.length > 0 && !files.includes(keys.file)
  return dispensable ? manifest.parts.filter((part) => part !== keys) : manifest.parts
}

async function compareSizes(context: ReadContext, parts: readonly Part[]): Promise<BackupError[]> {
  const sizes = new Map<string, number>()
  for await (const { key, bytes } of context.driver.list(`${context.directory}/`, context))
    sizes.set(key, bytes)
  return parts.flatMap((part) => {
    const bytes = sizes.get(fileKey(context.directory, part.file))
    if (bytes === part.bytes) return []
    return [
      damaged(
        context,
        part,
        bytes === undefined ? 'it is missing' : `it has ${bytes} of ${part.bytes} bytes`,
      ),
    ]
  })
}

interface Reading {
  /** Problems that were found already; their parts are not read. */
  readonly known: readonly BackupError[]
  readonly read: (context: ReadContext, part: Part) => Promise<void>
  readonly onEvent: OnEvent | undefined
}

async function readParts(
  context: ReadContext,
  parts: readonly Part[],
  { known, read, onEvent }: Reading,
): Promise<BackupError[]> {
  const problems: BackupError[] = []
  const knownFiles = new Set(known.map(({ metadata }) => metadata.file))
  const expected = parts.reduce((sum, part) => sum + part.bytes, 0)
  let bytes = 0
  for (const part of parts) {
    try {
      if (!knownFiles.has(part.file)) await read(context, part)
    } catch (error) {
      if (
        !isBackupError(error, 'corrupt') &&
        !isBackupError(error, 'not_found') &&
        !isBackupError(error, 'undecryptable')
      )
        throw error
      problems.push(error)
    }
    bytes += part.bytes
    onEvent?.({ type: 'verify-progress', id: context.backupId, file: part.file, bytes, expected })
  }
  return problems
}

/** Kinds of part whose lines all are objects with the id of a record. */
const kindsWithIds: ReadonlySet<string> = new Set(['rows', 'raw', 'deleted'])

async function readBytes(context: ReadContext, part: Part): Promise<void> {
  await drain(readStored(context, part))
}

async function readPart(context: ReadContext, part: Part): Promise<void> {
  if (part.holds === keysKind) return readBytes(context, part)
  const hasIds = kindsWithIds.has(part.holds)
  await checkLines(context, part, (line) => {
    if (hasIds && !hasId(line)) throw damaged(context, part, 'a line is not a record with an id')
  })
}

function hasId(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'id' in line && typeof line.id === 'string'
}
