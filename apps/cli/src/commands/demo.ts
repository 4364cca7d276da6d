import { rm } from 'node:fs/promises'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import type { Command } from 'commander'
import { noBackups } from '../access/backup-directory.js'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { type ProgressMode, withProgress } from '../config/options.js'
import { conclude } from '../demo/conclusion.js'
import { connectionTo, fill, findDifferences, withDatabase } from '../demo/database.js'
import { choosePlaces, type Places, settingsFor } from '../demo/places.js'
import { type DemoResource, demoResources } from '../demo/resources.js'
import type { Session } from '../session.js'
import { printBackups } from '../terminal/backups.js'
import { watchCounts, watchProgress } from '../terminal/progress.js'
import { counted, duration } from '../terminal/units.js'

interface DemoOptions {
  readonly dir?: string | undefined
  readonly progress: ProgressMode
}

const examples = `
Makes a database of realistic records in a folder, backs it up, deletes it,
restores the backup into a new database and compares every record. The files
stay for you to inspect.

Examples:
  s3db-backup demo
  s3db-backup demo --dir ./demo`

export function demoCommand(command: Command, session: Session): void {
  withProgress(
    command.option('--dir <dir>', 'where to make it: an empty or new folder (default: a temporary one)'),
  )
    .addHelpText('after', examples)
    .action((options: DemoOptions) => demo(session, options))
}

/** `s3db-backup demo`: the whole life of a backup, with a real database, and a proof at the end. */
export async function demo(session: Session, options: DemoOptions): Promise<void> {
  const places = await choosePlaces(options.dir)
  const resources = demoResources()
  const records = resources.reduce((sum, resource) => sum + resource.records.length, 0)
  const say = tell(session)

  await withDatabase(places.database, (database) =>
    watched(session, options, 'Making a database', resources, (watch) => fill(database, resources, watch)),
  )
  say(
    `Made a database: ${counted(records, 'record')} in ${counted(resources.length, 'resource')}`,
    places.database,
  )

  const backup = await backUp(session, options, places)
  say(`Backed it up: ${backup.id}`, backup.path)
  if (!session.terminal.json && !session.terminal.quiet) {
    session.terminal.print()
    printBackups(session.terminal, await openPlugin(settingsFor(places)).list(), noBackups)
    session.terminal.print()
  }

  await rm(places.database, { recursive: true })
  say('Deleted the database; only the backup is left')

  const restored = await restoreInto(session, options, places, backup.id)
  say('Restored the backup into a new, empty database', places.restored)

  const differences = await withDatabase(places.restored, (database) =>
    watched(session, options, 'Comparing', resources, (watch) => findDifferences(database, resources, watch)),
  )
  conclude(session, { places, backup, resources, records, restored, differences })
}

/** Prints a step once it is done, with the time since the one before. */
function tell({ terminal }: Session): (done: string, where?: string) => void {
  let before = performance.now()
  return (done, where) => {
    const now = performance.now()
    const took = terminal.colors.dim(`(${duration(now - before)})`)
    before = now
    if (terminal.json || terminal.quiet) return
    terminal.print(`${terminal.colors.green('✓')} ${done} ${took}`)
    if (where !== undefined) terminal.print(`    ${where}`)
  }
}

async function watched<T>(
  { terminal, signal }: Session,
  { progress: mode }: DemoOptions,
  doing: string,
  resources: readonly DemoResource[],
  work: (watch: {
    signal: AbortSignal
    onProgress: (resource: string, records: number) => void
  }) => Promise<T>,
): Promise<T> {
  const expected = new Map(resources.map(({ name, records }) => [name, records.length]))
  const progress = watchCounts(terminal, { doing, mode, resources: [...expected.keys()] })
  const onProgress = (resource: string, records: number) =>
    progress.add({ resource, records, expected: expected.get(resource) })
  return work({ signal, onProgress }).finally(() => progress.stop())
}

async function backUp(
  session: Session,
  { progress: mode }: DemoOptions,
  places: Places,
): Promise<PluginBackup> {
  const opened = await openDatabase(connectionTo(places.database), session, { mustExist: true })
  const plugin = openPlugin(settingsFor(places), opened.database)
  const progress = watchProgress(plugin, session.terminal, { doing: 'Backing up', mode })
  try {
    return await plugin.backup('full', { signal: session.signal, metadata: { madeBy: 's3db-backup demo' } })
  } finally {
    progress.stop()
    await opened.close()
  }
}

async function restoreInto(session: Session, { progress: mode }: DemoOptions, places: Places, id: string) {
  const opened = await openDatabase(connectionTo(places.restored), session, { mustExist: false })
  const plugin = openPlugin(settingsFor(places), opened.database)
  const progress = watchProgress(plugin, session.terminal, { doing: 'Restoring', mode })
  try {
    return await plugin.restore(id, { signal: session.signal })
  } finally {
    progress.stop()
    await opened.close()
  }
}
