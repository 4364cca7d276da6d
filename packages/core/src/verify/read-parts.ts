import type { Link } from '../chain/read-index.js'
import type { BackupError } from '../errors.js'
import { fileKey, recordKinds } from '../format/layout.js'
import { checkLines } from '../format/part-reader.js'
import { damaged, type ReadContext, readStored } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import { drain } from '../streams/bytes.js'
import { sideBySide } from '../streams/side-by-side.js'
import { checkForest, readsInFlight } from './check-forest.js'
import type { Findings } from './findings.js'
import type { Asked } from './open-asked.js'
import { type CheckedVerify, isIn } from './verify-options.js'

/** The parts to check, each once. */
export function allParts(asked: readonly Asked[]): Map<Link, Set<Part>> {
  const all = new Map<Link, Set<Part>>()
  for (const { parts } of asked)
    for (const [link, some] of parts) all.set(link, new Set([...(all.get(link) ?? []), ...some]))
  return all
}

/** The parts of a backup that are missing or have the wrong size. */
export async function compareSizes({ context }: Link, parts: readonly Part[]): Promise<BackupError[]> {
  if (parts.length === 0) return []
  const sizes = new Map<string, number>()
  for await (const { key, bytes } of context.driver.list(`${context.directory}/`, context))
    sizes.set(key, bytes)
  return parts.flatMap((part) => {
    const bytes = sizes.get(fileKey(context.directory, part.file))
    if (bytes === part.bytes) return []
    const why = bytes === undefined ? 'it is missing' : `it has ${bytes} of ${part.bytes} bytes`
    return [damaged(context, part, why)]
  })
}

/** How parts are read, and the listener for problems. */
export interface Reading extends Pick<CheckedVerify, 'level' | 'subset' | 'onEvent'> {
  readonly findings: Findings
  readonly note: (link: Link, error: unknown) => void
}

interface Sampled {
  readonly link: Link
  readonly part: Part
}

/** Reads every part once: side by side where records are checked, and alone whatever was not read to its end so. */
export async function readParts(
  asked: readonly Asked[],
  parts: ReadonlyMap<Link, ReadonlySet<Part>>,
  { level, subset, onEvent, findings, note }: Reading,
): Promise<void> {
  const sample = [...parts].flatMap(([link, some]) =>
    [...some].filter((part) => isIn(part, subset)).map((part) => ({ link, part })),
  )
  const expected = sample.reduce((sum, { part }) => sum + part.bytes, 0)
  const done = new Set<Part>()
  let bytes = 0
  const onPart = ({ context }: Link, part: Part) => {
    if (done.has(part)) return
    done.add(part)
    bytes += part.bytes
    onEvent?.({ type: 'verify-progress', id: context.backupId, file: part.file, bytes, expected })
  }
  if (level === 'full' && subset === undefined) await checkForest(asked, { onPart, onProblem: note })
  const read = level === 'full' ? readPart : readBytes
  const work = async (one: Sampled) => {
    const { link, part } = one
    try {
      if (!findings.has(link, part.file)) await read(link.context, part)
      return { ...one, error: undefined }
    } catch (error) {
      return { ...one, error }
    } finally {
      onPart(link, part)
    }
  }
  const left = sample.filter(({ part }) => !done.has(part))
  const bytesOf = ({ part }: Sampled) => part.bytes
  for await (const { link, error } of sideBySide(left, { bytesOf, inFlight: readsInFlight, work }))
    if (error !== undefined) note(link, error)
}

/** Kinds of part whose lines all are objects with the id of a record. */
const kindsWithIds: ReadonlySet<string> = new Set(['rows', 'raw', 'deleted'])

async function readBytes(context: ReadContext, part: Part): Promise<void> {
  await drain(readStored(context, part))
}

async function readPart(context: ReadContext, part: Part): Promise<void> {
  if (!recordKinds.has(part.holds)) return readBytes(context, part)
  const hasIds = kindsWithIds.has(part.holds)
  await checkLines(context, part, (line) => {
    if (hasIds && !hasId(line)) throw damaged(context, part, 'a line is not a record with an id')
  })
}

function hasId(line: unknown): boolean {
  return typeof line === 'object' && line !== null && 'id' in line && typeof line.id === 'string'
}
