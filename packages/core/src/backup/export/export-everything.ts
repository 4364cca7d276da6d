import { sameShape } from '../../chain/same-shape.js'
import type { Description, ResourceInfo } from '../../ports/source.js'
import { untilAborted } from '../../streams/abortable.js'
import type { Run } from '../backup-run.js'
import type { Output } from '../begin-output.js'
import { type Chosen, chooseResources } from '../choose-resources.js'
import type { ExportedResource } from './export-resource.js'
import { type Earlier, type Exported, exportResources } from './export-resources.js'

/**
 * Exports every selected resource. If others may change the definitions meanwhile, asks for them again at the end: new
 * resources are exported, too, and resources with a changed definition are marked, because their records may be of
 * either definition.
 */
export async function exportEverything(
  description: Description,
  chosen: Chosen,
  earlier: Earlier,
  run: Run,
  output: Output,
): Promise<Exported> {
  return exportLater(description, await exportResources(chosen, earlier, run, output), earlier, run, output)
}

/** Exports resources created since the source was first described, and marks the changed ones. */
export async function exportLater(
  description: Description,
  exported: Exported,
  earlier: Earlier,
  run: Run,
  output: Output,
): Promise<Exported> {
  if (run.source.changing !== true) return exported
  const now = await untilAborted(() => run.source.describe(run.call), run.call.signal)
  const all = { ...now, resources: withRemoved(description.resources, now.resources) }
  const chosenNow = chooseResources(all, run.selection)
  const added = {
    objects: chosenNow.objects,
    resources: without(chosenNow.resources, exported.resources),
    internal: without(chosenNow.internal, exported.internal),
  }
  const later = await exportResources(added, earlier, run, output)
  const changed = (resource: ExportedResource) => markIfChanged(resource, now.resources)
  return {
    resources: [...exported.resources.map(changed), ...later.resources],
    internal: [...exported.internal, ...later.internal],
  }
}

/** Names that were selected stay valid though their resource is gone by now. */
function withRemoved(before: readonly ResourceInfo[], now: readonly ResourceInfo[]): ResourceInfo[] {
  const names = new Set(now.map(({ name }) => name))
  return [...now, ...before.filter(({ name }) => !names.has(name))]
}

function without(infos: readonly ResourceInfo[], exported: readonly ExportedResource[]): ResourceInfo[] {
  const names = new Set(exported.map(({ entry }) => entry.name))
  return infos.filter(({ name }) => !names.has(name))
}

function markIfChanged(resource: ExportedResource, now: readonly ResourceInfo[]): ExportedResource {
  const { entry, parts } = resource
  const info = now.find(({ name }) => name === entry.name)
  if (info === undefined || sameShape(entry, info)) return resource
  const lostWithoutId = [...(entry.lostWithoutId ?? []), { reason: definitionChanged, count: null }]
  return { entry: { ...entry, lostWithoutId }, parts }
}

const definitionChanged =
  'the definition of the resource changed during the read: records written since then may be missing or unreadable'
