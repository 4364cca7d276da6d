import { BackupError, isBackupError } from '@s3db-backup/core'
import { withoutCredentials } from '@s3db-backup/core/internal'
import type { PluginRestore, RestoreCall } from '@s3db-backup/plugin-adapter'
import type { DryRunRequest, Job, RestoreReport } from '../../api/work.js'
import type { Page } from '../page.js'
import { databaseKey } from '../views/database-key.js'
import type { NewJob, Telling } from './jobs.js'
import { restoredResources, type Written, watchWritten } from './restored-resources.js'
import { sampleOf } from './sample.js'
import { checkStillAsCounted } from './still-as-counted.js'

/** The request of a dry run, so that the restore that follows does exactly the same. */
const asked = new WeakMap<object, Planned>()

/** After so long, in ms, a dry run says nothing about what a restore would do: the database has changed. */
const lasting = 60 * 60 * 1000

interface Planned {
  readonly backup: string
  readonly target: string
  readonly isOwn: boolean
  readonly name: string
  readonly mode: DryRunRequest['mode']
  readonly call: RestoreCall
}

/** Counts what a restore would do, and shows some of it. Writes nothing. */
export async function dryRunJob(page: Page, request: DryRunRequest, by: string): Promise<NewJob> {
  const planned = await plan(page, request)
  return {
    kind: 'dry-run',
    title: `Dry run of ${planned.backup}`,
    backup: planned.backup,
    by,
    ...counting(page, planned),
  }
}

function counting(page: Page, planned: Planned): Pick<NewJob, 'work' | 'doneBefore'> {
  const written = watchWritten()
  return {
    async work(tell): Promise<RestoreReport> {
      const call = { ...planned.call, dryRun: true }
      const counted = resourcesOf(await following(page, planned, tell, { call, written }))
      const { sample, note } = await sampleOf(page, planned, tell)
      const report = { ...reportOf(planned, counted), kind: 'dry-run' as const, sample, sampleNote: note }
      asked.set(report, planned)
      return report
    },
    // A count that was broken off says nothing about a restore.
    doneBefore(error) {
      const counted = isBackupError(error, 'incomplete') ? written.resources(error) : undefined
      return counted === undefined ? null : { ...reportOf(planned, counted), kind: 'dry-run' }
    },
  }
}

/**
 * Does what a dry run has shown.
 *
 * @throws BackupError `invalid_options` if the name is not that of the target, or there is no dry run that ended well;
 * `conflict` if the dry run is old.
 */
export function restoreJob(
  page: Page,
  dryRun: Job,
  { name, by }: { readonly name: string; readonly by: string },
): NewJob {
  const planned = dryRun.report === null ? undefined : asked.get(dryRun.report)
  if (planned === undefined || dryRun.state !== 'done') throw notReady()
  if (Date.now() - Date.parse(dryRun.endedAt ?? '') > lasting) throw old()
  if (name !== planned.name) throw otherName(planned.name)
  const written = watchWritten()
  const shown = dryRun.report?.kind === 'dry-run' ? dryRun.report.resources : []
  return {
    kind: 'restore',
    title: `Restore ${planned.backup}`,
    backup: planned.backup,
    by,
    lock: {
      key: `restore into ${databaseKey(planned.target)}`,
      busy: 'A restore into this database is running already',
    },
    async work(tell): Promise<RestoreReport> {
      const { call } = planned
      await checkCount(page, planned, tell, shown)
      return reportOf(planned, resourcesOf(await following(page, planned, tell, { call, written })))
    },
    doneBefore(error) {
      const resources = written.resources(error)
      return resources === undefined ? null : reportOf(planned, resources)
    },
  }
}

async function plan({ plugin, opened, database, signal }: Page, request: DryRunRequest): Promise<Planned> {
  const { backup: id, at, resources, ids, mode, target } = request
  if ((id === undefined) === (at === undefined))
    throw new BackupError('invalid_options', 'Choose a backup or a moment, one of them', {
      operation: 'restore',
    })
  if (target === undefined && database === undefined) throw noDatabase()
  const backup =
    id === undefined ? (await plugin.open({ at: at ?? '' }, { signal })).id : (await opened.anew(id)).id
  const label = target === undefined ? (database?.label ?? '') : withoutCredentials(target)
  return {
    backup,
    target: label,
    isOwn: target === undefined,
    name: nameOf(label),
    mode,
    call: {
      mode,
      ...(resources === undefined ? {} : { resources }),
      ...(ids === undefined ? {} : { ids }),
      ...(target === undefined ? {} : { target }),
    },
  }
}

/** The last part of an address: what an operator calls the database. */
export function nameOf(label: string): string {
  const [address = ''] = label.split(/[?#]/, 1)
  return address.split('/').filter(Boolean).at(-1) ?? label
}

/** Counts once more where records could be lost. The restore itself verifies the backup. */
async function checkCount(
  { plugin }: Page,
  { backup, mode, call }: Planned,
  { phase, signal }: Telling,
  shown: RestoreReport['resources'],
): Promise<void> {
  if (mode === 'skip') return
  phase('Comparing with the dry run')
  const counting = { ...call, dryRun: true, verification: false, signal }
  checkStillAsCounted(shown, resourcesOf(await plugin.restore(backup, counting)))
}

/** Events come from this restore alone: another one of the same backup may be running. */
function following(
  { plugin }: Page,
  { backup }: Planned,
  { signal, phase, progress }: Telling,
  { call, written }: { readonly call: RestoreCall; readonly written: Written },
): Promise<PluginRestore> {
  phase('Reading and checking the backup')
  return plugin.restore(backup, {
    ...call,
    signal,
    onEvent(event) {
      written.onEvent(event)
      if (event.type === 'restore-start') phase(call.dryRun === true ? 'Counting' : 'Restoring')
      if (event.type === 'restore-progress') progress(event.resource, event.records, event.expected)
    },
  })
}

function resourcesOf({ resources, internal }: PluginRestore): RestoreReport['resources'] {
  return restoredResources([...Object.entries(resources), ...Object.entries(internal)])
}

function reportOf(
  { backup, target, mode, name }: Planned,
  resources: RestoreReport['resources'],
): RestoreReport {
  return {
    kind: 'restore',
    ...{ backup, target, mode, name, resources },
    sample: [],
    sampleNote: null,
  }
}

function notReady(): BackupError {
  return new BackupError(
    'invalid_options',
    'A restore starts with a successful dry run, and this one has not succeeded',
    {
      operation: 'restore',
      suggestion: 'Make a new dry run.',
    },
  )
}

function old(): BackupError {
  return new BackupError(
    'conflict',
    'The dry run is more than an hour old, and the database may have changed since',
    {
      operation: 'restore',
      suggestion: 'Make a new dry run.',
    },
  )
}

function otherName(name: string): BackupError {
  return new BackupError('invalid_options', 'The typed name is not the name of the database', {
    operation: 'restore',
    suggestion: `Type ${name}`,
  })
}

function noDatabase(): BackupError {
  return new BackupError('invalid_options', 'The server was started without a database', {
    operation: 'restore',
    suggestion: 'Give an address to restore into, or start it with --connection.',
  })
}
