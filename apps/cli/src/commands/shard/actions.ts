import { BackupError, type PlannedBackup } from '@s3db-backup/core'
import type { BackupCall } from '@s3db-backup/plugin-adapter'
import { shardIndex } from '@s3db-backup/shards'
import { openPlugin } from '../../access/open-plugin.js'
import { readSettings } from '../../config/settings.js'
import { notifying } from '../../notify/notifying.js'
import { openNotifier } from '../../notify/open-notifier.js'
import type { Session } from '../../session.js'
import { printBackup, printDetails } from '../../terminal/backups.js'
import { bytes, count, counted } from '../../terminal/units.js'
import { withDatabase } from '../backup/with-database.js'
import type { ShardOptions } from './shard-options.js'

type Given = string | undefined

/** `s3db-backup shard plan`: prints the id, which is all that the other processes need. */
export async function plan(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal } = session
  const made = await planned(session, { ...options, id: options.id ?? given })
  if (terminal.json) return terminal.document(made)
  if (terminal.quiet) return terminal.print(made.id)
  printDetails(terminal, 'Plan', [
    ['Backup ID', made.id],
    ['Shards', count(made.shards)],
    ['Records', `about ${count(made.expected)}`],
    ...(made.parent === null ? [] : ([['Parent', made.parent]] as [string, string][])),
  ])
}

/** Plans the requested backup. */
export async function planned(session: Session, options: ShardOptions): Promise<PlannedBackup> {
  const { shards, type = 'full', id, metadata } = options
  if (shards === undefined) throw wrong('The number of shards is missing', 'Give --shards 8.')
  const settings = await readSettings(options, session.terminal)
  return withDatabase(session, settings, { ...options, full: true }, (plugin, call) => {
    const { dryRun: _, ...asked } = { ...call, fullIfNeeded: options.fullIfNeeded }
    const notes = { ...settings.metadata, ...metadata }
    return plugin.shards.plan(type, { ...asked, metadata: notes, shards, id })
  })
}

/** `s3db-backup shard run`: one shard. */
export async function run(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal } = session
  const id = planOf(given)
  const index = shardIndex(options.index, process.env)
  const settings = await readSettings(options, terminal)
  await withDatabase(session, settings, { ...options, full: true }, async (plugin, call, progress) => {
    const result = await plugin.shards.run(id, index, shardCall(call))
    progress.stop()
    if (terminal.json) return terminal.document(result)
    if (terminal.quiet) return
    const what = {
      stored: `stored with ${counted(result.records, 'record')} in ${bytes(result.bytes)}`,
      'stored-before': 'was stored before',
      committed: 'is not needed any more: the backup is committed',
    }[result.outcome]
    terminal.print(`${terminal.colors.green('✓')} shard ${index} of ${id} ${what}`)
  })
}

/** `s3db-backup shard commit`: makes the backup of its shards. */
export async function commit(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal } = session
  const id = planOf(given)
  const settings = await readSettings(options, terminal)
  await notifying(session, await openNotifier(settings, terminal), true, () =>
    withDatabase(session, settings, { ...options, full: true }, async (plugin, call, progress) => {
      const made = await plugin.shards.commit(id, shardCall(call))
      progress.stop()
      printBackup(terminal, made)
      return made
    }),
  )
}

/** `s3db-backup shard status`: how far it is. Needs no database and no key. */
export async function status(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const found = await plugin.shards.status(planOf(given), { signal })
  if (terminal.json) return terminal.document(found)
  if (terminal.quiet) return terminal.print(found.state)
  const { id, state, shards, stored, lacking = [] } = found
  if (shards === undefined || stored === undefined) return terminal.print(`${id} is ${state}`)
  const some = lacking.slice(0, 20).join(', ')
  const more = shards - stored > 20 ? `, and ${shards - stored - 20} more` : ''
  const lack = lacking.length === 0 ? '' : `; lacking: ${some}${more}`
  terminal.print(`${id} is ${state}: ${count(stored)} of ${counted(shards, 'shard')} stored${lack}`)
}

/** `s3db-backup shard abort`: gives the plan up. Needs no database and no key. */
export async function abort(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const aborted = await plugin.shards.abort(planOf(given), { signal })
  if (terminal.json) return terminal.document(aborted)
  if (terminal.quiet) return
  const { id, files, bytes: size } = aborted
  terminal.print(
    `${terminal.colors.green('✓')} ${id} aborted (${counted(files, 'file')}, ${bytes(size)} removed)`,
  )
}

function planOf(given: Given): string {
  const id = given ?? process.env.S3DB_BACKUP_PLAN
  if (id !== undefined && id !== '') return id
  throw wrong('No plan given', 'Give its id, or set S3DB_BACKUP_PLAN.')
}

function shardCall({ compression, partitions, signal }: BackupCall) {
  return { compression, partitions, signal }
}

/** The error for what was not said. */
export function wrong(message: string, suggestion: string): BackupError {
  return new BackupError('invalid_options', message, { operation: 'backup', suggestion })
}
