import type { Call } from '@s3db-backup/core'
import type { Database } from '../client/database.js'
import { bringBack } from './bring-back.js'
import type { UndoPlan } from './plan-undo.js'
import { removeCreated } from './remove-created.js'
import { gather, type UndoReport } from './report.js'

export interface UndoOptions {
  /** Remove what was created since. Default `false`. */
  readonly created?: boolean | undefined
}

/**
 * Restores the records of a plan, as new versions: no current data is lost, and an undo can be undone. A record written
 * after the plan was made stays unchanged. S3 has no write on condition of a version, so each record is asked for its
 * newest version just before, and again after: where somebody wrote in between, that is put back on top.
 */
export async function applyUndo(
  database: Database,
  { steps, resources }: UndoPlan,
  { created = false }: UndoOptions,
  call: Call,
): Promise<ReadonlyMap<string, UndoReport>> {
  const reports = new Map<string, UndoReport>()
  const names = [...new Set(steps.map(({ resource }) => resource))]
  for (const name of names) {
    const own = steps.filter(({ resource }) => resource === name)
    const gathered = gather()
    for (const { id, lost } of own) if (lost !== undefined) gathered.failed.push({ id, reason: lost })
    const info = resources.find((resource) => resource.name === name)
    const back = own.filter(({ then }) => then !== undefined)
    const refused =
      info === undefined || back.length === 0
        ? undefined
        : await bringBack(database, info, back, gathered, call)
    if (created) await removeCreated(database, name, own, gathered, call)
    reports.set(name, { ...gathered, ...(refused === undefined ? {} : { refused }) })
  }
  return reports
}
