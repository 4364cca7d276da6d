import { entryOf } from '../manifest.js'
import type { WriteReport } from '../ports/target.js'
import type { ReadPlan } from './plan-restore.js'

/** What became of the requested records that the backup does not have. */
export interface Unfound {
  readonly reports: ReadonlyMap<string, WriteReport>
  /** In no resource of the selection. */
  readonly notFound: readonly string[]
}

/** A requested record that the backup lost is not one that never was: it failed, and the reason is known. */
export function withLostIds(
  reports: ReadonlyMap<string, WriteReport>,
  { chain, resources }: Pick<ReadPlan, 'chain' | 'resources'>,
  missing: readonly string[],
): Unfound {
  const manifest = chain.at(-1)?.manifest
  if (missing.length === 0 || manifest === undefined) return { reports, notFound: missing }
  const wanted = new Set(missing)
  const all = new Map(reports)
  for (const { name } of resources) {
    const report = reports.get(name)
    const lost = entryOf(manifest, name)?.lost.filter(({ id }) => wanted.has(id)) ?? []
    if (report === undefined || lost.length === 0) continue
    const failed = lost.map(({ id, reason }) => ({ id, reason: `${whenMade}: ${reason}` }))
    all.set(name, { ...report, failed: [...report.failed, ...failed] })
    for (const { id } of lost) wanted.delete(id)
  }
  return { reports: all, notFound: [...wanted] }
}

const whenMade = 'it could not be read when the backup was made'
