import type { Manifest, Part, ResourceEntry } from '../src/manifest.js'
import { hashOf, sha256, stateOf } from './forge.js'

// The rules of the format document, implemented literally and in memory: returns what a chain holds, or nothing if a
// rule is broken. It shares no code with the reader under test.

/** A record as a chain has it at its end. */
export interface BookRecord {
  readonly row: unknown
  readonly raw: unknown
}

export type BookContents = Readonly<Record<string, Readonly<Record<string, BookRecord>>>>

export interface Shelf {
  readonly manifests: ReadonlyMap<string, Manifest>
  /** The stored objects by key. */
  readonly objects: ReadonlyMap<string, Uint8Array>
}

class Broken extends Error {}

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(rule)
}

/** What a restore of the backup brings; the rule that is broken if none may. */
export function readByTheBook(shelf: Shelf, id: string): BookContents | string {
  try {
    return read(shelf, id)
  } catch (error) {
    if (error instanceof Broken || error instanceof SyntaxError) return error.message
    throw error
  }
}

function read(shelf: Shelf, id: string): BookContents {
  const chain: Manifest[] = []
  for (let next: string | null = id; next !== null; next = chain[0]?.parent ?? null) {
    const manifest = shelf.manifests.get(next)
    must(manifest !== undefined && !chain.includes(manifest), 'every ancestor is there, once')
    must(chain[0] === undefined || chain[0].set === manifest.set, 'a parent is of the same set')
    chain.unshift(manifest)
  }
  const newest = chain.at(-1) as Manifest
  checkManifest(newest)
  for (const part of newest.parts) bytesOf(shelf, newest, part)
  const entries = { ...newest.resources, ...newest.internal }
  return Object.fromEntries(
    Object.keys(entries).map((name) => {
      const base = chain.findLastIndex((manifest) => entryOf(manifest, name)?.whole !== false)
      must(base >= 0, 'a chain begins with a whole entry')
      return [name, replay(shelf, chain.slice(base), name)]
    }),
  )
}

const entryOf = ({ resources, internal }: Manifest, name: string): ResourceEntry | undefined =>
  resources[name] ?? internal[name]

function checkManifest(manifest: Manifest): void {
  const { resources, internal, parts, status } = manifest
  must(
    Object.keys(resources).every((name) => internal[name] === undefined),
    'no name is in both',
  )
  must(
    Object.values(internal).every(({ of }) => of == null || resources[of] !== undefined),
    'what is internal belongs to a resource or to the database',
  )
  const known = parts.filter(({ holds }) => ['rows', 'raw', 'index', 'deleted'].includes(holds))
  must(
    known.every(({ resource }) => entryOf(manifest, resource) !== undefined),
    'each part has its entry',
  )
  const all = [...Object.values(resources), ...Object.values(internal)]
  must(
    status === 'incomplete' || all.every(({ lost }) => lost.length === 0),
    'who lost something is incomplete',
  )
}

/** The records after the last of some backups, the first of which is whole. */
function replay(shelf: Shelf, chain: readonly Manifest[], name: string): Record<string, BookRecord> {
  const records = new Map<string, BookRecord>()
  const hashes = new Map<string, string>()
  let parent: ResourceEntry | undefined
  for (const [at, manifest] of chain.entries()) {
    checkManifest(manifest)
    const entry = entryOf(manifest, name)
    if (entry !== undefined) layOver(shelf, manifest, entry, { parent, first: at === 0, records, hashes })
    parent = entry
  }
  return Object.fromEntries(records)
}

interface Before {
  readonly parent: ResourceEntry | undefined
  readonly first: boolean
  readonly records: Map<string, BookRecord>
  readonly hashes: Map<string, string>
}

function layOver(shelf: Shelf, manifest: Manifest, entry: ResourceEntry, before: Before): void {
  const { records, hashes, parent, first } = before
  const lines = (holds: string) =>
    manifest.parts
      .filter((part) => part.resource === entry.name && part.holds === holds)
      .flatMap((part) => linesOf(shelf, manifest, part))
  const withId = (text: string) => {
    const value = JSON.parse(text)
    must(typeof value === 'object' && value !== null && typeof value.id === 'string', 'a line has an id')
    return { text, value, id: value.id as string }
  }
  // Offsets with an unknown codec are skipped.
  const offsets = manifest.parts.filter((part) => part.resource === entry.name && part.holds === 'offsets')
  if (!offsets.some(({ codecs }) => codecs.includes('of the future')))
    must(lines('offsets').length === 0, 'offsets are true, and no forger makes true ones')
  const rows = lines('rows').map(withId)
  const raws = lines('raw').map(withId)
  const deleted = lines('deleted').map(withId)
  const index = lines('index').map((text) => {
    const value = JSON.parse(text)
    must(
      Array.isArray(value) &&
        typeof value[0] === 'string' &&
        typeof value[1] === 'number' &&
        typeof value[2] === 'string',
      'a line of the index is an id, a time and a hash',
    )
    return { id: value[0] as string, hash: value[2] as string }
  })
  for (const some of [rows, raws, deleted, index]) {
    const ids = some.map(({ id }) => id)
    must(new Set(ids).size === ids.length, 'no id comes twice')
    if (entry.ordered)
      must(
        ids.every(
          (id, at) => at === 0 || Buffer.compare(Buffer.from(ids[at - 1] as string), Buffer.from(id)) < 0,
        ),
        'ids ascend',
      )
  }
  must(
    raws.every(({ value }) => Object.hasOwn(value, 'raw')),
    'a raw line has a raw form',
  )
  const rowIds = rows.map(({ id }) => id)
  must(
    raws.every(
      ({ id }, at) =>
        rowIds.includes(id) && (at === 0 || rowIds.indexOf(raws[at - 1]?.id ?? '') < rowIds.indexOf(id)),
    ),
    'raw forms are those of rows, in their order',
  )
  const own = index.filter(({ id }) => rowIds.includes(id))
  must(own.map(({ id }) => id).join('\n') === rowIds.join('\n'), 'each row has its entry, in its order')
  const noted = index.filter(({ id }) => !rowIds.includes(id))
  must(
    noted.every(({ id, hash }) => hashes.get(id) === hash),
    'what is noted anew is as the parent has it',
  )
  must(
    deleted.every(({ id }) => hashes.has(id)),
    'what is deleted was there',
  )
  must(
    !deleted.some(({ id }) => index.some((one) => one.id === id)),
    'no record exists that is marked as deleted',
  )
  if (entry.contentHash === 'lines')
    for (const [at, { id, text }] of rows.entries())
      must(
        own[at]?.hash === hashOf(text, raws.find((raw) => raw.id === id)?.text),
        'hashes are those of the lines',
      )

  const stateBefore = stateOf(hashes)
  const countBefore = hashes.size
  const replaced = rowIds.filter((id) => hashes.has(id)).length
  for (const { id } of deleted) {
    records.delete(id)
    hashes.delete(id)
  }
  for (const [at, { id, value }] of rows.entries()) {
    records.set(id, { row: value, raw: raws.find((raw) => raw.id === id)?.value.raw })
    hashes.set(id, own[at]?.hash as string)
  }
  must(entry.state.before === stateBefore && entry.state.after === stateOf(hashes), 'the states are right')
  must(
    entry.recordCount === rows.length &&
      entry.deletedCount === deleted.length &&
      entry.replacedCount === replaced,
    'the counts are right',
  )
  must(entry.totalCount === countBefore + rows.length - replaced - deleted.length, 'the total is right')
  must(entry.whole || entry.ordered, 'what builds on a parent is ordered')
  must(entry.whole || parent === undefined || parent.ordered, 'and so is its parent')
  must(entry.whole || parent === undefined || parent.shape === entry.shape, 'and of the same shape')
  must(entry.whole === first || !entry.whole, 'only the first is whole')
  const stored = manifest.parts.filter(({ resource, holds }) => resource === entry.name && holds === 'rows')
  must(entry.exportFile === stored[0]?.file, 'exportFile is the first part of rows')
  must(entry.bytesWritten === stored.reduce((sum, { bytes }) => sum + bytes, 0), 'bytesWritten is their size')
}

function linesOf(shelf: Shelf, manifest: Manifest, part: Part): string[] {
  must(part.codecs.length === 0, 'codecs are known')
  const text = bytesOf(shelf, manifest, part).toString('utf8')
  must(text === '' || text.endsWith('\n'), 'each line is ended')
  const lines = text.split('\n').slice(0, -1)
  must(lines.length === part.records, 'there are as many lines as said')
  return lines
}

function bytesOf({ objects }: Shelf, { id }: Manifest, part: Part): Buffer {
  const bytes = objects.get(`${id}/${part.file}`)
  must(
    bytes !== undefined && bytes.byteLength === part.bytes && sha256(bytes) === part.sha256,
    'parts are whole',
  )
  return Buffer.from(bytes)
}
