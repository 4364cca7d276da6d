import { linksUsed, namesIn, partsUsed, type UsedLink } from '../chain/check-chain.js'
import { openBackup } from '../chain/open-backup.js'
import { checkNeighbours, openInTurn } from '../chain/open-chain.js'
import type { Link } from '../chain/read-index.js'
import { type BackupError, isBackupError } from '../errors.js'
import { firstKeyPart, keyFilesOf } from '../format/key-files.js'
import { checkCodecs } from '../format/part-reader.js'
import { type Catalog, catalogOf } from '../inventory/catalog.js'
import { inventory } from '../inventory/inventory.js'
import type { CatalogEntry } from '../inventory/manifest-entry.js'
import { entryOf, type Part } from '../manifest.js'
import type { VerifyReport } from '../ports/verify-report.js'
import type { CheckedVerify } from './verify-options.js'

/** A requested backup, and everything needed for its verification. */
export interface Asked {
  readonly id: string
  /** The backup and its ancestors, the full one first; itself alone if the chain is broken. */
  readonly chain: readonly Link[]
  readonly newest: Link
  /** The stored size of its manifest, in bytes. */
  readonly manifestBytes: number
  readonly broken: BackupError | undefined
  /** The resources whose records can be checked: all, or of a broken chain those that need no ancestor. */
  readonly names: readonly string[]
  readonly used: readonly UsedLink[]
  /** The parts to check, by backup. For ancestors, those that a restore reads. */
  readonly parts: ReadonlyMap<Link, readonly Part[]>
  /** Other directories that hold one of the chain. */
  readonly copies: NonNullable<VerifyReport['copies']>
}

/** What cannot be opened is an error, and says nothing about the others. */
export type OpenOutcome = Asked | { readonly id: string; readonly error: BackupError }

/** Opens the chains of all requested backups, each backup once, from one listing. */
export async function openAsked(options: CheckedVerify): Promise<OpenOutcome[]> {
  const opened = new Map<string, Promise<Link>>()
  const open = (entry: CatalogEntry): Promise<Link> => {
    const known = opened.get(entry.id) ?? readable(entry, options)
    opened.set(entry.id, known)
    return known
  }
  const { driver, signal } = options
  let here = options.inventory
  const outcomes: OpenOutcome[] = []
  for (const id of options.ids) {
    try {
      here ??= await inventory(driver, { signal })
      outcomes.push(await openOne(id, { catalog: catalogOf(here), open }, options))
    } catch (error) {
      options.signal.throwIfAborted()
      if (!isBackupError(error)) throw error
      outcomes.push({ id, error })
    }
  }
  return outcomes
}

async function openOne(
  id: string,
  { catalog, open }: { readonly catalog: Catalog; readonly open: (entry: CatalogEntry) => Promise<Link> },
  options: CheckedVerify,
): Promise<Asked> {
  const { signal, level } = options
  const call = { signal, operation: 'verify' } as const
  const found = await catalog
    .chain(id, call)
    .then(async (entries) => {
      for (const [at, { manifest }] of entries.entries())
        checkNeighbours(entries[at - 1]?.manifest, manifest, 'verify')
      return { entries, chain: await openInTurn(entries, open, 'verify'), broken: undefined }
    })
    .catch(async (error: unknown) => {
      if (!isBackupError(error, 'broken_chain')) throw error
      const own = await catalog.get(id, call)
      return { entries: [own], chain: [await open(own)], broken: error }
    })
  const { entries, chain, broken } = found
  const copies = entries.flatMap((entry) => (entry.copies ?? []).map((copy) => ({ id: entry.id, ...copy })))
  const newest = chain.at(-1) as Link
  const names = namesIn(chain).filter(
    (name) => broken === undefined || entryOf(newest.manifest, name)?.whole === true,
  )
  const used = linksUsed(chain, names)
  if (level === 'full') for (const one of used) checkCodecs(one.link.context, partsUsed(one))
  const parts = await partsToLookAt(chain, used, options)
  const manifestBytes = entries.at(-1)?.manifestBytes ?? 0
  return { id, chain, newest, manifestBytes, broken, names, used, parts, copies }
}

/** Without a key, what is stored of an encrypted backup can be checked against the manifest's readable half. */
async function readable(entry: CatalogEntry, options: CheckedVerify): Promise<Link> {
  const { driver, signal } = options
  if (!isClosed(entry, options)) return openBackup(entry, { ...options, operation: 'verify' })
  const { id: backupId, directory, manifest } = entry
  return { manifest, context: { driver, backupId, directory, codecs: new Map(), signal } }
}

function isClosed(
  { manifest }: Pick<CatalogEntry, 'manifest'>,
  { level, encryption }: CheckedVerify,
): boolean {
  return level !== 'full' && encryption === undefined && manifest.encryption !== undefined
}

async function partsToLookAt(
  chain: readonly Link[],
  used: readonly UsedLink[],
  options: CheckedVerify,
): Promise<ReadonlyMap<Link, readonly Part[]>> {
  const parts = new Map<Link, readonly Part[]>()
  for (const link of chain) {
    // Without the key nobody knows which part belongs to which resource.
    const all = link === chain.at(-1) || isClosed(link, options)
    const one = used.find((candidate) => candidate.link === link)
    parts.set(link, all ? await partsThatCount(link) : one === undefined ? [] : partsUsed(one))
  }
  return parts
}

/** The first key file may be taken away once there is a newer one. */
export async function partsThatCount({ manifest, context }: Link): Promise<readonly Part[]> {
  const keys = firstKeyPart(manifest)
  if (keys === undefined) return manifest.parts
  const files = await keyFilesOf(context.driver, context.directory, context)
  const dispensable = files.length > 0 && !files.includes(keys.file)
  return dispensable ? manifest.parts.filter((part) => part !== keys) : manifest.parts
}
