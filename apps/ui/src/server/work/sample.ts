import { isBackupError } from '@s3db-backup/core'
import type { RestoreCall } from '@s3db-backup/plugin-adapter'
import type { RestoreReport } from '../../api/work.js'
import type { Page } from '../page.js'
import { fieldChanges } from '../views/field-changes.js'
import type { Telling } from './jobs.js'

/** What a dry run is of. */
interface Compared {
  readonly backup: string
  /** Whether it goes into the database of this server: no other one is compared. */
  readonly isOwn: boolean
  readonly call: RestoreCall
}

const sampleSize = 20
/** Looking for differences ends after so long, in ms. */
const patience = 10_000

/** Some records that differ between the database and the backup, field by field, as a restore would change them. */
export async function sampleOf(
  { plugin, opened }: Page,
  { backup, isOwn, call }: Compared,
  tell: Telling,
): Promise<{ readonly sample: RestoreReport['sample']; readonly note: string | null }> {
  if (!isOwn) return { sample: [], note: 'Differences are shown only for the database of this server.' }
  tell.phase('Comparing')
  const signal = AbortSignal.any([tell.signal, AbortSignal.timeout(patience)])
  const sample: RestoreReport['sample'] = []
  try {
    const { resources } = call
    for await (const found of plugin.diffLive(backup, { ...(resources ? { resources } : {}), signal })) {
      if (call.ids !== undefined && !call.ids.includes(found.id)) continue
      const { resource, id, now } = found
      const then =
        found.change === 'added'
          ? undefined
          : await opened.read(backup, (from) => from.get(resource, id, { signal }))
      // A restore reverses the difference: records removed since the backup come back.
      const change = found.change === 'added' ? 'removed' : found.change === 'removed' ? 'added' : 'changed'
      sample.push({ resource, id, change, fields: fieldChanges(now, then) })
      if (sample.length >= sampleSize) return { sample, note: `The first ${sampleSize} differences.` }
    }
  } catch (error) {
    tell.signal.throwIfAborted()
    if (signal.aborted) return { sample, note: 'The comparison took too long; these differences were found.' }
    if (!isBackupError(error)) throw error
    if (error.code === 'incomplete') return { sample, note: error.message }
    return { sample, note: `Differences cannot be shown: ${error.message}` }
  }
  return {
    sample,
    note: sample.length === 0 ? 'The database and the backup have the same records.' : null,
  }
}
