import * as z from 'zod'
import { openCatalog } from './catalog.js'
import type { Codec } from './codec.js'
import { codecsById } from './codecs/registry.js'
import type { Driver } from './driver.js'
import { type BackupError, isBackupError } from './errors.js'
import type { OnEvent } from './events.js'
import { checkCodecs, damaged, type ReadContext, readLines } from './format/part-reader.js'
import { guard } from './guard.js'
import { fileKey } from './layout.js'
import type { Manifest, Part } from './manifest.js'
import { parseOptions } from './options.js'

/**
 * How much is looked at. `quick`: every part is there and has its size. `full`: every byte is read and hashed,
 * every part decoded, every line parsed and counted.
 */
export type VerifyLevel = 'quick' | 'full'

export interface VerifyOptions {
  readonly driver: Driver
  readonly id: string
  /** Default `full`. */
  readonly level?: VerifyLevel
  /** Codecs beyond the built-in compressions: encryption. */
  readonly codecs?: readonly Codec[]
  readonly signal?: AbortSignal
  readonly onEvent?: OnEvent
}

/** What a verification saw. `ok` only if nothing is wrong. */
export interface VerifyReport {
  readonly id: string
  readonly level: VerifyLevel
  readonly ok: boolean
  readonly files: number
  /** Stored bytes looked at. */
  readonly bytes: number
  /** Records in all parts of rows. */
  readonly records: number
  /** One error for each damaged or missing part; `metadata` says where. */
  readonly problems: readonly BackupError[]
}

/**
 * Checks a backup against its own manifest. All parts are looked at, also after one is found damaged.
 * Resolves with a report; rejects with `not_found` or `corrupt` if there is no manifest to check against, with
 * `unsupported` if a codec is missing, and with what the storage says if it cannot be read at all.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { id, level, signal, codecs, onEvent, driver: unguarded } = parseVerifyOptions(options)
  const driver = guard(unguarded)
  const { manifest, directory } = await openCatalog(driver).get(id, { signal, operation: 'verify' })
  const context: ReadContext = { driver, backupId: id, directory, codecs: codecsById(codecs), signal }
  if (level === 'full') checkCodecs(context, manifest.parts)
  const problems = [...(await compareSizes(context, manifest))]
  if (level === 'full') problems.push(...(await readParts(context, manifest.parts, problems, onEvent)))
  return {
    id,
    level,
    ok: problems.length === 0,
    files: manifest.parts.length,
    bytes: manifest.parts.reduce((sum, part) => sum + part.bytes, 0),
    records: Object.values(manifest.resources).reduce((sum, resource) => sum + resource.recordCount, 0),
    problems: problems.map((problem) => problem.with({ operation: 'verify' })),
  }
}

const optionsSchema = z.strictObject({
  driver: z.custom<Driver>((value) => typeof value === 'object' && value !== null, 'a driver is needed'),
  id: z.string(),
  level: z.enum(['quick', 'full']).default('full'),
  codecs: z
    .array(z.custom<Codec>((value) => typeof value === 'object' && value !== null))
    .readonly()
    .default([]),
  signal: z.instanceof(AbortSignal).default(() => new AbortController().signal),
  onEvent: z.custom<OnEvent>((value) => typeof value === 'function', 'must be a function').optional(),
})

function parseVerifyOptions(options: VerifyOptions) {
  return parseOptions(optionsSchema, options, { what: 'verify options', operation: 'verify' })
}

async function compareSizes(context: ReadContext, manifest: Manifest): Promise<BackupError[]> {
  const sizes = new Map<string, number>()
  for await (const { key, bytes } of context.driver.list(`${context.directory}/`, context))
    sizes.set(key, bytes)
  return manifest.parts.flatMap((part) => {
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

async function readParts(
  context: ReadContext,
  parts: readonly Part[],
  known: readonly BackupError[],
  onEvent: OnEvent | undefined,
): Promise<BackupError[]> {
  const problems: BackupError[] = []
  const knownFiles = new Set(known.map(({ metadata }) => metadata.file))
  const expected = parts.reduce((sum, part) => sum + part.bytes, 0)
  let bytes = 0
  for (const part of parts) {
    try {
      if (!knownFiles.has(part.file)) await readPart(context, part)
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

async function readPart(context: ReadContext, part: Part): Promise<void> {
  for await (const lines of readLines(context, part)) {
    if (kindsWithIds.has(part.holds) && !lines.every(hasId)) {
      throw damaged(context, part, 'a line is not a record with an id')
    }
  }
}

function hasId(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'id' in line && typeof line.id === 'string'
}
