import * as z from 'zod'
import { readLines } from '../format/part-reader.js'
import { damaged, type ReadContext } from '../format/stored-part.js'
import { entryOf, type Manifest, type Part, partsOf } from '../manifest.js'
import type { IndexEntry } from '../ports/source.js'
import { type Keyed, mergeSorted } from './merge-sorted.js'

/** One backup of a chain, and how to read it. */
export interface Link {
  readonly context: ReadContext
  readonly manifest: Manifest
}

/** A link's statement about a record: its entry in the key index, or its deletion. */
export type IndexChange =
  | (IndexEntry & { readonly deleted?: never })
  | { readonly id: string; readonly deleted: true }

/**
 * The links that a resource's state is made of: from the last one that holds the resource whole. Nothing if
 * the newest link does not have the resource.
 */
export function linksOf(chain: readonly Link[], resource: string): Link[] {
  const newest = chain.at(-1)
  if (newest === undefined || entryOf(newest.manifest, resource) === undefined) return []
  const base = chain.findLastIndex(({ manifest }) => entryOf(manifest, resource)?.whole !== false)
  return chain.slice(Math.max(base, 0))
}

/**
 * The key index of a resource at the end of a chain, deletions included. The small, newer indexes are laid over
 * one another first and over the large one last, so that most entries are compared once.
 */
export function readIndex(links: readonly Link[], resource: string): AsyncIterable<readonly IndexChange[]> {
  return overlayAll(links.map((link) => linkIndex(link, resource)))
}

/** Lays every stream over those before it. */
export function overlayAll<T extends Keyed>(
  streams: readonly AsyncIterable<readonly T[]>[],
): AsyncIterable<readonly T[]> {
  const [oldest, ...newer] = streams
  if (oldest === undefined) return nothing()
  return newer.length === 0 ? oldest : mergeSorted(oldest, overlayAll(newer))
}

async function* nothing(): AsyncGenerator<never[]> {
  // There are no links, so there are no entries.
}

function linkIndex({ context, manifest }: Link, resource: string): AsyncIterable<readonly IndexChange[]> {
  const marks = readMarks(context, partsOf(manifest, resource, 'index'))
  const deleted = partsOf(manifest, resource, 'deleted')
  return deleted.length === 0 ? marks : mergeSorted<IndexChange>(marks, readDeleted(context, deleted))
}

export async function* readMarks(context: ReadContext, parts: readonly Part[]): AsyncGenerator<IndexEntry[]> {
  for (const part of parts) {
    for await (const lines of readLines(context, part)) yield lines.map((line) => toMark(line, context, part))
  }
}

/** There is a line for every record of the database, so its shape is looked at by hand: zod takes ten times as long. */
export function toMark(line: unknown, context: ReadContext, part: Part): IndexEntry {
  if (Array.isArray(line)) {
    const [id, modified, hash]: unknown[] = line
    if (typeof id === 'string' && typeof modified === 'number' && typeof hash === 'string')
      return { id, modified, hash }
  }
  throw damaged(context, part, 'a line is not an entry of a key index')
}

const deletedLine = z.looseObject({ id: z.string() })

/** The ids of the records that a link says are gone. */
export async function* readDeleted(
  context: ReadContext,
  parts: readonly Part[],
): AsyncGenerator<{ id: string; deleted: true }[]> {
  for (const part of parts) {
    for await (const lines of readLines(context, part)) {
      yield lines.map((line) => {
        const parsed = deletedLine.safeParse(line)
        if (!parsed.success) throw damaged(context, part, 'a line does not name a deleted record')
        return { id: parsed.data.id, deleted: true as const }
      })
    }
  }
}
