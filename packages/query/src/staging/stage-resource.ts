import { join } from 'node:path'
import type { Part, ResourceEntry } from '@s3db-backup/core'
import { checkManifests, type Link, linksOf, partsOf } from '@s3db-backup/core/internal'
import type { Column } from '../columns/columns.js'
import { columnsOf } from '../columns/columns.js'
import { lineStager } from './stage-line.js'
import { stagePart } from './stage-part.js'
import { supersededIds } from './superseded.js'

/** The verified files of one link of a chain. */
export interface StagedLink {
  /** Whether records that later links have or delete were left out. */
  readonly isMerged: boolean
  readonly rows: readonly string[]
  readonly deleted: readonly string[]
}

/** A resource whose parts lie verified in the private folder. */
export interface StagedResource {
  readonly columns: readonly Column[]
  /** The oldest link first. */
  readonly links: readonly StagedLink[]
  /** Bytes of the longest line. */
  readonly longestLine: number
  /** The part that each file was made of, as errors name it. */
  readonly partOf: ReadonlyMap<string, string>
}

export interface ResourceStaging {
  readonly chain: readonly Link[]
  readonly entry: ResourceEntry
  readonly folder: string
  /** A name that no other file of the folder has. */
  readonly nextName: () => string
  /** How much of the ids of newer backups is held, at most, in bytes. */
  readonly mostHeld: number
}

/**
 * Reads, checks and writes every part that a resource's state is made of, the newest backup first. Records that a newer
 * backup replaces or deletes are left out.
 */
export async function stageResource({
  chain,
  entry,
  folder,
  nextName,
  mostHeld,
}: ResourceStaging): Promise<StagedResource> {
  const resource = entry.name
  checkManifests(chain, [resource])
  const columns = columnsOf(entry)
  const links = linksOf(chain, resource)
  const partOf = new Map<string, string>()
  const misfits = new Set<Column>()
  let longestLine = 0
  const staged: StagedLink[] = []
  const superseded = supersededIds(mostHeld)
  for (const { context, manifest } of links.toReversed()) {
    const isOldest = staged.length === links.length - 1
    const isNewest = staged.length === 0
    const canonical = manifest.writer.name === ourWriter
    const write = async (part: Part): Promise<string> => {
      const file = join(folder, nextName())
      const stager = lineStager(columns, { canonical })
      await stagePart(context, part, {
        file,
        stager,
        ordered: entry.ordered || links.length > 1,
        isSuperseded: isNewest || part.holds !== 'rows' ? undefined : superseded.cursor(),
        onId: isOldest ? undefined : superseded.add,
      })
      for (const column of stager.misfits) misfits.add(column)
      longestLine = Math.max(longestLine, part.longestLine, stager.longest())
      partOf.set(file, `${manifest.id}/${part.file}`)
      return file
    }
    const all = async (holds: string) => {
      const files: string[] = []
      for (const part of partsOf(manifest, resource, holds))
        if (part.records > 0 || part.bytes > 0) files.push(await write(part))
      return files
    }
    // While this backup is read, its own ids can become too many to hold; those of the newer backups are still held.
    const isMerged = superseded.cursor() !== undefined
    staged.unshift({ isMerged, rows: await all('rows'), deleted: await all('deleted') })
    superseded.next()
  }
  return {
    columns: columns.map((column) => (misfits.has(column) ? { ...column, type: 'JSON' } : column)),
    links: staged,
    longestLine,
    partOf,
  }
}

/** Its lines come from JSON.stringify, so no field stands twice. */
const ourWriter = '@s3db-backup/core'
