import type { OpenedRestore } from '@s3db-backup/core'
import { shardIndex } from '@s3db-backup/shards'
import { databaseExists, openDatabase, openLater } from '../../access/database.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { checkConnection } from '../../config/connection.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { printRestore } from '../../terminal/summaries/restore-summary.js'
import { counted } from '../../terminal/units.js'
import { wrong } from './actions.js'
import type { ShardOptions } from './shard-options.js'

type Given = string | undefined

/** `s3db-backup shard open`: prints the id of the restore, which is all that the other processes need. */
export async function open(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal } = session
  const { shards } = options
  if (given === undefined) throw wrong('No backup given', 'Give its id.')
  if (shards === undefined) throw wrong('shard open needs the number of shards', 'Give --shards 8.')
  const opened = await openForOthers(session, given, { ...options, shards })
  if (terminal.json) return terminal.document(opened)
  if (terminal.quiet) return terminal.print(opened.restore)
  terminal.print(`${opened.restore} restores ${opened.id} in ${counted(opened.shards, 'shard')}`)
}

/** Opens a restore whose shards other processes write. */
export async function openForOthers(
  session: Session,
  given: string,
  options: ShardOptions & { readonly shards: number },
): Promise<OpenedRestore> {
  const { terminal, signal } = session
  const { shards, mode, resources, exclude, yes, allowPlain } = options
  if (mode === 'replace' && yes !== true)
    throw wrong('Mode replace removes records that are not in the backup', 'If that is intended, add --yes.')
  const settings = await readSettings(options, terminal)
  const connection = checkConnection(settings.connection)
  const id = await resolveId(openPlugin(settings), given, 'restore')
  const isNew = !(await databaseExists(connection, session))
  const opened = isNew
    ? await openLater(connection)
    : await openDatabase(connection, session, { mustExist: true })
  try {
    const plugin = openPlugin(settings, isNew ? undefined : opened.database)
    return await plugin.shards.openRestore(id, {
      ...(isNew ? { target: opened.database } : {}),
      ...(options.verify ? {} : { verification: false }),
      shards,
      mode,
      allowPlain,
      resources,
      exclude,
      signal,
    })
  } finally {
    await opened.close()
  }
}

/** `s3db-backup shard write`: one shard of a restore. */
export async function write(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal, signal } = session
  const { allowPlain } = options
  const restore = restoreOf(given)
  const index = shardIndex(options.index, process.env)
  await inDatabase(session, options, async (plugin) => {
    const result = await plugin.shards.write(restore, index, { allowPlain, signal })
    if (terminal.json) return terminal.document(result)
    if (terminal.quiet) return
    const what =
      result.outcome === 'written'
        ? `written with ${counted(result.records, 'record')}`
        : 'was written before'
    terminal.print(`${terminal.colors.green('✓')} shard ${index} of ${restore} ${what}`)
  })
}

/** `s3db-backup shard finish`: what comes once and last. */
export async function finish(session: Session, given: Given, options: ShardOptions): Promise<void> {
  const { terminal, signal } = session
  const { allowPlain } = options
  const restore = restoreOf(given)
  await inDatabase(session, options, async (plugin) => {
    const restored = await plugin.shards.finishRestore(restore, { allowPlain, signal })
    printRestore(terminal, { id: restored.backupId }, restored)
  })
}

async function inDatabase(
  session: Session,
  options: ShardOptions,
  work: (plugin: ReturnType<typeof openPlugin>) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(options, session.terminal)
  const opened = await openDatabase(checkConnection(settings.connection), session, { mustExist: true })
  try {
    await work(openPlugin(settings, opened.database))
  } finally {
    await opened.close()
  }
}

function restoreOf(given: Given): string {
  const id = given ?? process.env.S3DB_BACKUP_RESTORE
  if (id !== undefined && id !== '') return id
  throw wrong('No restore given', 'Give its id, or set S3DB_BACKUP_RESTORE.')
}
