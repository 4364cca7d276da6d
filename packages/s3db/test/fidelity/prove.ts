import { isDeepStrictEqual } from 'node:util'
import type { Database } from 's3db.js'
import { backUp, got, type Resource, restoreInto, stored } from '../databases.js'
import { attributesOf, type Behavior, type Kind, recordOf } from './kinds.js'

/** What was found out about one cell of the table. */
export interface Cell {
  readonly kind: string
  /** How many records came back exactly as they were. */
  readonly proved: number
  /** Why s3db.js itself takes no such record, in its own words. */
  readonly refused: string | undefined
  /** What differs after the restore. */
  readonly differing: readonly string[]
}

/** Values by the name of their kind. */
export type Samples = Readonly<Record<string, readonly unknown[]>>

/**
 * Inserts the samples of every kind with s3db.js, backs the database up, restores it into the target, and compares
 * each record: as it lies there, and as `get` gives it.
 */
export async function proveCells(
  behavior: Behavior,
  kinds: readonly Kind[],
  samples: Samples,
  source: Database,
  target: Database,
): Promise<Cell[]> {
  const inserted = new Map<Kind, Inserted>()
  for (const kind of kinds)
    inserted.set(kind, await insertAll(source, behavior, kind, samples[kind.name] ?? []))
  const originals = new Map<Kind, Originals | undefined>()
  for (const [kind, { resource, ids }] of inserted)
    originals.set(kind, await readOriginals(source, resource, ids))
  await restoreInto(target, await backUp(source))
  const cells: Cell[] = []
  for (const [kind, { refused, ids }] of inserted) {
    const differing = await compare(target, kind, originals.get(kind))
    cells.push({ kind: kind.name, proved: ids.length, refused, differing })
  }
  return cells
}

interface Inserted {
  readonly resource: Resource | undefined
  readonly ids: readonly string[]
  readonly refused: string | undefined
}

const nameOf = ({ name }: Kind) => `r_${name.replace(/[^a-z0-9]+/gi, '_')}`

async function insertAll(
  database: Database,
  behavior: Behavior,
  kind: Kind,
  values: readonly unknown[],
): Promise<Inserted> {
  const ids: string[] = []
  let resource: Resource | undefined
  try {
    const made = await database.createResource({
      name: nameOf(kind),
      attributes: attributesOf(kind),
      behavior,
    })
    resource = made
    for (const [index, value] of values.entries()) {
      const id = `id-${index}`
      await withPatience(() => made.insert({ id, ...recordOf(kind, value) }))
      await kind.afterwards?.(made, id, value)
      ids.push(id)
    }
    return { resource, ids, refused: undefined }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { resource, ids, refused: message.split('\n')[0]?.trim() ?? '' }
  }
}

/** How many characters one insert may encode, over and over, before it counts as endless. */
const patience = 100_000_000

/**
 * Ends an insert that would take hours: one behaviour shortens a text a character at a time and encodes all that is
 * left each time. What it encodes is counted, so that no clock decides.
 */
async function withPatience(insert: () => Promise<unknown>): Promise<void> {
  const { encode } = TextEncoder.prototype
  let encoded = 0
  TextEncoder.prototype.encode = function (text) {
    encoded += text?.length ?? 0
    if (encoded > patience) throw new Error(`One record makes it encode more than ${patience} characters`)
    return encode.call(this, text)
  }
  try {
    await insert()
  } finally {
    TextEncoder.prototype.encode = encode
  }
}

interface Originals {
  readonly raw: Awaited<ReturnType<typeof stored>>
  readonly records: ReadonlyMap<string, unknown>
  readonly name: string
}

async function readOriginals(
  database: Database,
  resource: Resource | undefined,
  ids: readonly string[],
): Promise<Originals | undefined> {
  if (resource === undefined) return undefined
  const records = new Map<string, unknown>()
  for (const id of ids) records.set(id, await got(resource, id))
  return { raw: await stored(database, `resource=${resource.name}/`), records, name: resource.name }
}

async function compare(target: Database, kind: Kind, originals: Originals | undefined): Promise<string[]> {
  if (originals === undefined) return []
  const { raw, records, name } = originals
  const restored = await stored(target, `resource=${name}/`)
  const differing: string[] = []
  if (!isDeepStrictEqual([...restored.keys()].sort(), [...raw.keys()].sort()))
    differing.push(`${kind.name}: other keys: ${[...restored.keys()].join(' ')}`)
  for (const [key, object] of raw) {
    if (!isDeepStrictEqual(restored.get(key), object))
      differing.push(`${kind.name}: ${key} is stored otherwise`)
  }
  const resource = target.resources[name]
  if (resource === undefined) return [...differing, `${kind.name}: there is no such resource`]
  for (const [id, record] of records) {
    if (!isDeepStrictEqual(await got(resource, id), record))
      differing.push(`${kind.name}: get("${id}") differs`)
  }
  return differing
}
