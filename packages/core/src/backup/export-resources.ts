import type { Link } from '../chain/read-index.js'
import { isBackupError } from '../errors.js'
import { compareStored } from '../format/stored-part.js'
import type { Attempt } from '../inventory/attempt.js'
import type { Part } from '../manifest.js'
import type { Batch, ResourceInfo } from '../ports/source.js'
import type { ObjectChoice } from '../select-objects.js'
import { ordered } from '../streams/ordered.js'
import type { Choices, Control, Destination, Run } from './backup-run.js'
import type { Encrypted, Output } from './begin-output.js'
import { baseOf } from './choose-parent.js'
import type { Chosen } from './choose-resources.js'
import { type ExportedResource, exportResource } from './export-resource.js'
import { filtered } from './filtered.js'
import { watchResource } from './watch-resource.js'

/** What was read and stored, resource by resource. */
export interface Exported {
  readonly resources: readonly ExportedResource[]
  readonly internal: readonly ExportedResource[]
}

/** What the backup builds on, or, where it builds on nothing, is only compared with. */
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
  const work = (info: ResourceInfo) => exportOne(info, chosen.objects, { earlier, run, output })
  for await (const resource of ordered(all, run.resourcesInFlight, work)) exported.push(resource)
  return {
    resources: exported.slice(0, chosen.resources.length),
    internal: exported.slice(chosen.resources.length),
  }
}

async function exportOne(
  info: ResourceInfo,
  objects: ObjectChoice,
  {
    earlier: { chain, predecessor },
    run,
    output,
  }: { readonly earlier: Earlier; readonly run: Run; readonly output: Output },
): Promise<ExportedResource> {
  const base = chain === undefined ? undefined : baseOf(chain, info)
  const onProgress = (records: number, expected: number | undefined) =>
    run.onEvent({
      type: 'backup-progress',
      id: run.id,
      resource: info.name,
      records,
      expected,
      bytes: output.storedBytes(),
    })
  const { source, stop } = run
  const { parts, compression, namesLeft } = output
  const watched = { look: source.secondLook, resource: info.name, base, earlier: chain ?? predecessor }
  const watch = watchResource(watched, run.call)
  const filter = (batch: Batch) =>
    info.of === undefined ? filtered(batch, run.filter, info.name) : objects.choose(batch, info)
  const how = { parts, compression, filter, namesLeft, onProgress, onFailure: stop }
  const exported = await exportResource({ source, info, base, watch, ...how }, run.call)
  const { recordCount, lost, lostWithoutId = [] } = exported.entry
  const report = watch.report()
  if (report !== undefined)
    run.onEvent({ type: 'backup-second-look', id: run.id, resource: info.name, ...report })
  run.onEvent({
    type: 'backup-resource',
    id: run.id,
    resource: info.name,
    records: recordCount,
    lost: lostWithoutId.reduce((sum, { count }) => sum + (count ?? 0), lost.length),
  })
  return exported
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

/** The parts of all resources and, of an encrypted backup, the key file before them. */
export function everyPart(exported: Exported, encrypted: Encrypted | undefined): Part[] {
  const parts = everyResource(exported).flatMap((resource) => [...resource.parts])
  return encrypted === undefined ? parts : [encrypted.keys, ...parts]
}
