import type { BackupError } from '../errors.js'
import { keysKind } from '../format/key-files.js'
import { recordKinds } from '../format/layout.js'
import { readStored } from '../format/stored-part.js'
import type { Manifest, Part } from '../manifest.js'
import { drain } from '../streams/bytes.js'
import { contradicted, contradictionsIn } from './check-manifests.js'
import { type CheckedLink, checkRecords } from './check-records.js'
import { type Link, linksOf } from './read-index.js'

/*
 * What a restore relies on. `restore` and `consolidate` check a chain before they use it, `verify` any number of chains at
 * once; all of them with what is here and in `check-records.ts`, so that what verifies restores and what does not does not.
 */

/** One backup of a chain, and the resources whose records come from it. */
export interface UsedLink {
  readonly link: Link
  readonly parent: Link | undefined
  readonly names: ReadonlySet<string>
}

/** The backups of a chain that some resources come from, and always the newest one. */
export function linksUsed(chain: readonly Link[], names: readonly string[]): UsedLink[] {
  const used = new Map<Link, Set<string>>()
  for (const link of chain.slice(-1)) used.set(link, new Set())
  for (const name of names)
    for (const link of linksOf(chain, name)) used.set(link, (used.get(link) ?? new Set()).add(name))
  return [...used].map(([link, of]) => ({ link, parent: chain[chain.indexOf(link) - 1], names: of }))
}

/** Everything that the newest backup has of records, resources and internal ones. */
export function namesIn(chain: readonly Link[]): string[] {
  const newest = chain.at(-1)?.manifest
  return newest === undefined ? [] : [...Object.keys(newest.resources), ...Object.keys(newest.internal)]
}

/** Contradictions in a manifest, about the selected resources and the backup as a whole. */
export function contradictionOf({ link, parent, names }: UsedLink): BackupError | undefined {
  const found = contradictionsIn(link.manifest, parent?.manifest)
  return contradicted(
    link.manifest,
    found.filter(({ resource }) => resource === undefined || names.has(resource)),
  )
}

/** The parts that the chosen records are in. */
export function partsUsed({ link, names }: UsedLink): Part[] {
  return link.manifest.parts.filter(({ resource, holds }) => names.has(resource) && recordKinds.has(holds))
}

/**
 * Whether a part has an unknown kind; `keys` is one in a backup that is not encrypted. A reader skips such a part and
 * only compares its bytes.
 */
export function isOfUnknownKind({ holds }: Part, { encryption }: Pick<Manifest, 'encryption'>): boolean {
  return !recordKinds.has(holds) && (holds !== keysKind || encryption === undefined)
}

/** Throws `corrupt` for what the manifests of a chain say wrongly of the chosen resources. Reads nothing. */
export function checkManifests(chain: readonly Link[], names: readonly string[]): void {
  for (const used of linksUsed(chain, names)) refuse(contradictionOf(used))
}

/**
 * Reads the records of the chosen resources in a chain, every part once, and throws `corrupt` for the first thing that a
 * restore could not rely on. See `checkRecords` for what that is.
 */
export async function checkChain(chain: readonly Link[], names: readonly string[]): Promise<void> {
  checkManifests(chain, names)
  for (const name of names)
    await checkRecords(inOneLine(linksOf(chain, name)), name, { onProblem: (_, problem) => refuse(problem) })
}

/** {@link checkChain} for everything that a backup has, and the bytes of its parts of kinds that are not known here. */
export async function checkWhole(chain: readonly Link[]): Promise<void> {
  await checkChain(chain, namesIn(chain))
  for (const { manifest, context } of chain.slice(-1))
    for (const part of manifest.parts)
      if (isOfUnknownKind(part, manifest)) await drain(readStored(context, part))
}

/** Each backup with the one before it as its parent. */
function inOneLine(links: readonly Link[]): CheckedLink[] {
  return links.map((link, place) => ({ link, parent: place === 0 ? undefined : place - 1 }))
}

function refuse(problem: BackupError | undefined): void {
  if (problem !== undefined) throw problem
}
