import { hasLosses } from '../format/manifest/stated-losses.js'
import type { Manifest } from '../manifest.js'
import type { Run } from './backup-run.js'
import { type Exported, everyResource } from './export/export-resources.js'
import { countLosses } from './losses/count-losses.js'
import { openPredecessor } from './parent/predecessor.js'

/** Losses compared with the previous backup, which is only looked for if needed. */
export async function lossesSince(
  earlier: Manifest | undefined,
  exported: Exported,
  { run, series }: { readonly run: Run; readonly series: string },
): Promise<Manifest['losses']> {
  const entries = everyResource(exported).map(({ entry }) => entry)
  if (!entries.some(hasLosses)) return undefined
  return countLosses(entries, earlier ?? (await openPredecessor(run, series))?.newest.manifest)
}
