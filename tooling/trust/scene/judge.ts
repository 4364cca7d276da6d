import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type CatalogEntry, type Driver, openCatalog, restore } from '@s3db-backup/core'
import { keyFilesOf, purge, sweep } from '@s3db-backup/core/internal'
import { type History, keys } from './history.ts'
import { comparable, type State, stateOn } from './model.ts'
import type { Operation } from './operations.ts'
import type { Place } from './places.ts'
import { type Shelf, shelf, targetOver } from './target.ts'

const leases = '.leases/'

const call = { signal: new AbortController().signal, kind: 'part' } as const

/** What a destination shows. */
export interface Verdict {
  readonly ids: readonly string[]
  /** Backups that were not there before. */
  readonly added: readonly string[]
}

/**
 * Holds a destination against what is known: every listed backup restores to exactly its state, and no earlier
 * one is gone that the operation was not to remove. Throws with the first difference.
 */
export async function judge(place: Place, operation: Operation, history: History): Promise<Verdict> {
  const driver = await place.snapshot()
  // A restore waits for a removal announced by a lease until the lease expires.
  for (const key of await keysAt(driver, leases)) await driver.delete(key, call)
  const { backups, damaged } = await openCatalog(driver).list()
  if (damaged.length > 0) throw new Error(`damaged: ${damaged.map(({ problem }) => problem.message)}`)
  const ids = backups.map(({ id }) => id)
  for (const entry of backups) {
    const day = history.days[entry.id] ?? operation.makes
    if (day === undefined) throw new Error(`${entry.id} comes from nowhere`)
    await judgeOne(driver, { entry, backups, day, encrypted: operation.encrypted })
  }
  const mayGo = operation.removes?.(history) ?? []
  for (const id of Object.keys(history.days))
    if (!ids.includes(id) && !mayGo.includes(id)) throw new Error(`${id} is gone`)
  return { ids, added: ids.filter((id) => !(id in history.days)) }
}

interface Judging {
  readonly entry: CatalogEntry
  readonly backups: readonly CatalogEntry[]
  readonly day: number
  readonly encrypted: boolean
}

/** What was restored once need not be restored again from the same bytes: thousands of trials share most of theirs. */
const known = new Map<string, number>()

async function judgeOne(driver: Driver, { entry, backups, day, encrypted }: Judging): Promise<void> {
  const fingerprint = await fingerprintOf(driver, entry, backups)
  if (known.get(fingerprint) === day) return
  same(await restored(driver, entry.id, encrypted), stateOn(day), entry.id)
  known.set(fingerprint, day)
}

/** Over every byte in the directories of a backup and of those that it builds on. */
async function fingerprintOf(
  driver: Driver,
  entry: CatalogEntry,
  backups: readonly CatalogEntry[],
): Promise<string> {
  const hash = createHash('sha256')
  for (let link: CatalogEntry | undefined = entry; link !== undefined; ) {
    for (const key of await keysAt(driver, `${link.directory}/`)) {
      hash.update(`${key}\n`)
      for await (const chunk of driver.get(key, call)) hash.update(chunk)
    }
    const { parent }: { readonly parent: string | null } = link.manifest
    link = backups.find(({ id }) => id === parent)
  }
  return hash.digest('hex')
}

/** The same of both places. A copy that is not there yet is not lost. Says whether the operation had an effect. */
export async function judgeBoth(
  [first, second]: readonly [Place, Place],
  operation: Operation,
  history: History,
): Promise<boolean> {
  const last = Object.keys(history.days).slice(-1)
  const lacking = () => (operation.copies ? last : Object.keys(history.days))
  const { added, ids } = await judge(first, operation, history)
  const copied = await judge(second, { ...operation, removes: lacking }, history)
  const before = Object.keys(history.days).length
  return added.length > 0 || ids.length < before || copied.ids.length === before
}

/** What the operation was to do is done, and, unless that cannot be asked for, nothing else is there. */
export async function judgeEnd(
  { places, shelf }: { readonly places: readonly [Place, Place]; readonly shelf: Pick<Shelf, 'state'> },
  operation: Operation,
  history: History,
  { tidied = true }: { readonly tidied?: boolean } = {},
): Promise<void> {
  const { makes, removes, restores, copies } = operation
  const { ids, added } = await judge(places[0], operation, history)
  if (makes !== undefined && added.length === 0) throw new Error('the backup is not there')
  const still = (removes?.(history) ?? []).filter((id) => ids.includes(id))
  if (still.length > 0) throw new Error(`still there: ${still.join(', ')}`)
  if (restores !== undefined) same(shelf.state(), stateOn(restores), 'the target')
  if (copies) await judge(places[1], operation, history)
  if (tidied) for (const place of places) await tidy(place)
}

export async function restored(driver: Driver, id: string, encrypted: boolean): Promise<State> {
  const into = shelf()
  await restore({ driver, id, target: targetOver(into), ...(encrypted ? { encryption: keys.both } : {}) })
  return into.state()
}

export function same(found: State, expected: State, what: string): void {
  if (isDeepStrictEqual(comparable(found), comparable(expected))) return
  throw new Error(`${what} came back as ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`)
}

/** A target may lack records of a state while it is being filled. What it has is right. */
export function sameRows(found: State, expected: State): void {
  const right = comparable(expected)
  for (const [name, rows] of Object.entries(comparable(found)))
    for (const [id, row] of Object.entries(rows))
      if (!isDeepStrictEqual(row, right[name]?.[id]))
        throw new Error(`${name}/${id} is ${JSON.stringify(row)}`)
}

/** Sweeps long afterwards. Throws if anything is left then that no backup owns, or anything owned is missing. */
export async function tidy(place: Place): Promise<void> {
  const { driver } = place
  // Time passes for the storage as it does for this machine.
  const later = { driver: { ...driver, clock: async () => muchLater }, now: () => muchLater }
  await purge(later)
  await sweep(later)
  const { backups } = await openCatalog(driver).list()
  const owned = new Map<string, boolean>()
  for (const entry of backups)
    for (const [key, needed] of await ownedBy(entry, driver)) owned.set(key, needed)
  const found = await keysAt(driver)
  const foreign = [...found.filter((key) => !owned.has(key)), ...(await place.strays())]
  if (foreign.length > 0) throw new Error(`left behind: ${foreign.join(', ')}`)
  const missing = [...owned].filter(([key, needed]) => needed && !found.includes(key))
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
}

/** However long anything waits before it counts as abandoned. Some notes have the time of the real clock. */
const muchLater = new Date('2099-01-01T00:00:00Z')

/** The keys of a backup, and whether it cannot do without. */
async function ownedBy({ directory, manifest }: CatalogEntry, driver: Driver): Promise<[string, boolean][]> {
  const keyFiles = await keyFilesOf(driver, directory, call)
  const parts = manifest.parts.map(({ file }) => file).filter((file) => file !== manifest.encryption?.keyFile)
  const named = (file: string, needed: boolean): [string, boolean] => [`${directory}/${file}`, needed]
  return [
    named('s3db.json', true),
    named('started.json', false),
    ...parts.map((file) => named(file, true)),
    ...keyFiles.map((file) => named(file, true)),
  ]
}

export async function keysAt(driver: Driver, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of driver.list(prefix, call)) found.push(key)
  return found.sort()
}

/** What is left on purpose: the note of a failed backup, and leases, which expire. */
export function isNote(key: string): boolean {
  return key.endsWith('/failed.json') || key.startsWith(leases)
}
