import { BackupError, isBackupError } from '@s3db-backup/core'
import { withoutCredentials } from '@s3db-backup/core/internal'
import type { PluginRestore, RestoreCall } from '@s3db-backup/plugin-adapter'
import type { DryRunRequest, Job, RestoreReport } from '../../api/work.js'
import type { Page } from '../page.js'
import { databaseKey } from '../views/database-key.js'
import { fieldChanges } from '../views/field-changes.js'
import type { NewJob, Telling } from './jobs.js'

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
    async work(tell): Promise<RestoreReport> {
      const counted = await following(page, planned, tell, { ...planned.call, dryRun: true })
      const { sample, note } = await sampleOf(page, planned, tell)
      const report = { ...reportOf(planned, counted), kind: 'dry-run' as const, sample, sampleNote: note }
      asked.set(report, planned)
      return report
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
  return {
    kind: 'restore',
    title: `Restore ${planned.backup}`,
    backup: planned.backup,
    by,
    lock: `restore into ${databaseKey(planned.target)}`,
    async work(tell): Promise<RestoreReport> {
      return reportOf(planned, await following(page, planned, tell, planned.call))
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
    id === undefined ? (await plugin.open({ at: at ?? '' }, { signal })).id : (await opened(id)).id
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

async function following(
  { plugin }: Page,
  { backup }: Planned,
  { signal, phase, progress }: Telling,
  call: RestoreCall,
): Promise<PluginRestore> {
  const told = { listing: 'Reading the manifests', checking: 'Checking the backup', writing: 'Restoring' }
  const onPhase = (event: { readonly id: string; readonly phase: string }) => {
    if (event.id !== backup) return
    const words =
      call.dryRun === true && event.phase === 'writing' ? 'Counting' : Reflect.get(told, event.phase)
    phase(typeof words === 'string' ? words : event.phase)
  }
  const onProgress = (event: {
    readonly id: string
    readonly resource: string
    readonly records: number
    readonly expected?: number | undefined
  }) => {
    if (event.id === backup) progress(event.resource, event.records, event.expected)
  }
  plugin.on('plg:backup:phase', onPhase)
  plugin.on('plg:backup:restore-progress', onProgress)
  try {
    return await plugin.restore(backup, { ...call, signal })
  } finally {
    plugin.off('plg:backup:phase', onPhase)
    plugin.off('plg:backup:restore-progress', onProgress)
  }
}

function reportOf({ backup, target, mode, name }: Planned, restored: PluginRestore): RestoreReport {
  const all = [...Object.entries(restored.resources), ...Object.entries(restored.internal)]
  return {
    kind: 'restore',
    ...{ backup, target, mode, name },
    resources: all.map(([resource, report]) => ({
      name: resource,
      restored: report.restored,
      replaced: report.replaced,
      skipped: report.skipped,
      removed: report.removed,
      failed: report.failed.length + (report.refused?.records ?? 0),
      reason: report.refused?.reason ?? report.failed[0]?.reason ?? null,
    })),
    sample: [],
    sampleNote: null,
  }
}

const sampleSize = 20
/** Looking for differences ends after so long, in ms. */
const patience = 10_000

/** Some records that differ between the database and the backup, field by field, as a restore would change them. */
async function sampleOf(
  { plugin, opened }: Page,
  { backup, isOwn, call }: Planned,
  tell: Telling,
): Promise<{ readonly sample: RestoreReport['sample']; readonly note: string | null }> {
  if (!isOwn) return { sample: [], note: 'Differences are shown only for the database of this server.' }
  tell.phase('Comparing')
  const signal = AbortSignal.any([tell.signal, AbortSignal.timeout(patience)])
  const sample: RestoreReport['sample'] = []
  const from = await opened(backup)
  try {
    const { resources } = call
    for await (const found of plugin.diffLive(backup, { ...(resources ? { resources } : {}), signal })) {
      if (call.ids !== undefined && !call.ids.includes(found.id)) continue
      const { resource, id, now } = found
      const then = found.change === 'added' ? undefined : await from.get(resource, id)
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
