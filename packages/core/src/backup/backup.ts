import { refuseNoObjects } from '../select-objects.js'
import { untilAborted } from '../streams/abortable.js'
import { announceStart } from './announce-start.js'
import type { BackupOptions } from './backup-options.js'
import { startRun } from './backup-run.js'
import { beginOutput } from './begin-output.js'
import { chooseResources } from './choose-resources.js'
import { claimDirectory } from './claim.js'
import { describeBackup, seriesOf } from './describe-backup.js'
import { exportEverything } from './export/export-everything.js'
import { countOf, everyPart, readBack } from './export/export-resources.js'
import { lossesSince } from './losses-since.js'
import { openPredecessor } from './parent/predecessor.js'
import { checkParentStays, withParent } from './parent/with-parent.js'
import { takingBackOnFailure } from './rollback.js'
import { signOfLife } from './sign-of-life.js'
import { type BackupResult, refuseIncomplete, storeManifest } from './store-manifest.js'

/**
 * Makes a backup: reads the selected resources of the source once and stores them through the driver; with
 * `incremental`, only what was added, changed and deleted since an earlier backup of the same series.
 *
 * A note of the start comes first, so that other processes can tell that a backup is under way. The parts are written
 * next, encrypted if `encryption` is given, and, with `verify` (the default), read back and compared, unless the
 * storage archives them at once; the manifest says which. The manifest is written last, read back as well, and only
 * with it does the backup exist. If anything fails, or `signal` aborts, what was written is removed, a note of the
 * failure stays ({@link failed}), and the call rejects with the cause, or with `signal.reason`.
 *
 * Records that exist and cannot be read make the backup `incomplete`: it is kept, its manifest names them, and
 * the call rejects with code `incomplete` and `metadata.backupId`.
 *
 * @throws BackupError `invalid_options`, `not_found` (a resource that is not there), `unavailable`,
 * `permission_denied`, `no_space`, `corrupt` (what was read back differs), `incomplete`, `conflict` (another backup with
 * this id exists or is being made, and is left alone; or, `retriable`, what an incremental backup builds on was removed
 * meanwhile).
 *
 * @example
 * ```ts
 * import { backup, type Driver, type Source } from '@s3db-backup/core'
 *
 * async function nightly(source: Source, driver: Driver) {
 *   const { id, records, bytes } = await backup({ source, driver })
 *   console.log(`${id}: ${records} records in ${bytes} bytes`)
 * }
 * ```
 */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const run = startRun(options)
  const result = await takingBackOnFailure(run, () =>
    signOfLife(run, async () => {
      await claimDirectory(run)
      const output = await beginOutput(run)
      const description = await untilAborted(() => run.source.describe(run.call), run.call.signal)
      const chosen = chooseResources(description, run.selection)
      const series = seriesOf(description, run)
      return withParent(run, series, async (chain) => {
        announceStart(chosen, chain, run)
        // An earlier backup is only compared if the source can say which of its records are gone.
        const comparable = chain === undefined && run.source.secondLook !== undefined
        const predecessor = comparable ? await openPredecessor(run, series) : undefined
        const earlier = { chain, predecessor: predecessor?.chain }
        const exported = await exportEverything(description, chosen, earlier, run, output)
        refuseNoObjects(run.selection, countOf(exported))
        const readUntil = run.now()
        if (run.verify) run.onEvent({ type: 'backup-phase', id: run.id, phase: 'reading-back' })
        const compared = await readBack(everyPart(exported, output.encrypted), run)
        const before = chain?.at(-1) ?? predecessor?.newest
        const losses = await lossesSince(before?.manifest, exported, { run, series })
        const completedAt = run.now()
        const made = { description, series, chain, exported, readUntil, completedAt, compared, losses }
        const manifest = describeBackup(made, run, output)
        const result = await storeManifest(manifest, run, output)
        await checkParentStays(chain, run)
        return result
      })
    }),
  )
  run.onEvent({ type: 'backup-complete', id: result.id, manifest: result.manifest })
  refuseIncomplete(result)
  return result
}
