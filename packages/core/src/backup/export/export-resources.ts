import type { Link } from '../../chain/read-index.js'
import { isBackupError } from '../../errors.js'
import { compareStored } from '../../format/stored-part.js'
import type { Attempt } from '../../inventory/attempt.js'
import type { Part } from '../../manifest.js'
import type { ResourceInfo } from '../../ports/source.js'
import { ordered } from '../../streams/ordered.js'
import type { Choices, Control, Destination, Run } from '../backup-run.js'
import type { Encrypted, Output } from '../begin-output.js'
import type { Chosen } from '../choose-resources.js'
import { baseOf } from '../parent/base.js'
import { exportOne } from './export-one.js'
import type { ExportedResource } from './export-resource.js'

/** What was read and stored, resource by resource. */
export interface Exported {
  readonly resources: readonly ExportedResource[]
  readonly internal: readonly ExportedResource[]
}

/** The backup that this one builds on, or, if there is none, the one that it is compared with. */
export interface Earlier {
  readonly chain: readonly Link[] | undefined
  readonly predecessor: readonly Link[] | undefined
}

/** Exports every chosen resource, some of them side by side. */
export async function exportResources(
  chosen: Chosen,
  earlier: Earlier,
  run: Run,
  output: Output,
): Promise<Exported> {
  const all = [...chosen.resources, ...chosen.internal]
  const exported: ExportedResource[] = []
  const { chain, predecessor } = earlier
  const work = (info: ResourceInfo) => {
    const base = chain === undefined ? undefined : baseOf(chain, info)
    return exportOne({ info, objects: chosen.objects, base, earlier: chain ?? predecessor }, run, output)
  }
  for await (const resource of ordered(all, run.resourcesInFlight, work)) exported.push(resource)
  return {
    resources: exported.slice(0, chosen.resources.length),
    internal: exported.slice(chosen.resources.length),
  }
}

/**
 * Reads every part again and compares it with what was sent. Resolves with whether that was possible: a storage
 * that archives what it is given cannot be read before it is thawed. Throws `corrupt` for a difference.
 */
export async function readBack(
  parts: readonly Part[],
  run: Attempt & Destination & Choices & Control,
): Promise<boolean> {
  if (!run.verify) return false
  const context = {
    driver: run.driver,
    backupId: run.id,
    directory: run.directory,
    codecs: new Map(),
    ...run.call,
  }
  try {
    for (const part of parts) await compareStored(context, part)
    return true
  } catch (error) {
    if (isBackupError(error, 'unavailable') && error.metadata.archived === true) return false
    throw error
  }
}

export function everyResource(exported: Exported): ExportedResource[] {
  return [...exported.resources, ...exported.internal]
}

/** How many records and objects there are, those among them that could not be read. */
export function countOf(exported: Exported): number {
  return everyResource(exported).reduce(
    (sum, { entry: { totalCount, lost, lostWithoutId = [] } }) =>
      sum + totalCount + lost.length + lostWithoutId.length,
    0,
  )
}

/** The parts of all resources and, of an encrypted backup, the key file before them. */
export function everyPart(exported: Exported, encrypted: Encrypted | undefined): Part[] {
  const parts = everyResource(exported).flatMap((resource) => [...resource.parts])
  return encrypted === undefined ? parts : [encrypted.keys, ...parts]
}
