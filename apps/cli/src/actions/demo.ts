import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import { openDatabase } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import type { DemoCommand } from '../config/command-options.js'
import type { Difference } from '../demo/compare.js'
import { connectionTo, fill, findDifferences, partitionsOf, withDatabase } from '../demo/database.js'
import { type DemoResource, demoResources } from '../demo/resources.js'
import type { Session } from '../session.js'
import { watchCounts, watchProgress } from '../terminal/progress.js'
import { counted, duration } from '../terminal/units.js'
import { printBackups } from './list.js'

/** Differences shown before the rest is only counted. */
const shown = 10

interface Places {
  readonly folder: string
  readonly database: string
  readonly backups: string
  readonly restored: string
}

/** `s3db-backup demo`: the whole life of a backup, with a real database, and a proof at the end. */
export async function demo(session: Session, options: DemoCommand): Promise<void> {
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
    printBackups(session.terminal, await openPlugin(settingsFor(places)).list())
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

async function choosePlaces(dir: string | undefined): Promise<Places> {
  if (dir !== undefined) await mkdir(dir, { recursive: true })
  const folder = dir === undefined ? await mkdtemp(join(tmpdir(), 's3db-backup-demo-')) : resolve(dir)
  const [something] = await readdir(folder)
  if (something !== undefined) {
    throw new BackupError('conflict', `There is something in ${folder} already (${something})`, {
      suggestion: 'Give an empty or a new folder to --dir.',
      metadata: { path: folder },
    })
  }
  const real = await realpath(folder)
  const [database, backups, restored] = ['database', 'backups', 'restored'] as const
  return {
    folder: real,
    database: join(real, database),
    backups: join(real, backups),
    restored: join(real, restored),
  }
}

function settingsFor({ backups }: Places) {
  return {
    connection: undefined,
    metadata: {},
    plugin: { driver: 'filesystem', config: { path: backups } },
  }
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
  { progress: mode }: DemoCommand,
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
  { progress: mode }: DemoCommand,
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

async function restoreInto(session: Session, { progress: mode }: DemoCommand, places: Places, id: string) {
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

interface Outcome {
  readonly places: Places
  readonly backup: PluginBackup
  readonly resources: readonly DemoResource[]
  readonly records: number
  readonly restored: unknown
  readonly differences: readonly Difference[]
}

function conclude(
  { terminal }: Session,
  { places, backup, resources, records, restored, differences }: Outcome,
): void {
  if (differences.length > 0) {
    const lines = differences.slice(0, shown).map(({ resource, id, what }) => `${resource} ${id}: ${what}`)
    const more = differences.length > shown ? [`and ${differences.length - shown} more`] : []
    throw new BackupError(
      'corrupt',
      [`${counted(differences.length, 'difference')}:`, ...lines, ...more].join('\n'),
      {
        operation: 'restore',
        suggestion: `Please report this, with what is in ${places.folder}.`,
        metadata: { differences: differences.slice(0, 100), folder: places.folder },
      },
    )
  }
  const partitions = resources.flatMap(partitionsOf).length
  if (terminal.json)
    terminal.document({ ok: true, ...places, records, partitions, backup, restored, differences })
  if (terminal.json || terminal.quiet) return
  const secrets = resources.find(({ name }) => name === 'accounts')?.records.length ?? 0
  const tick = terminal.colors.green('✓')
  terminal.print(`${tick} Compared all ${counted(records, 'record')}: every field equals what was inserted`)
  terminal.print(`${tick} Listed all ${partitions} partition values: each has the ids that it had`)
  terminal.print(`${tick} Decrypted all ${secrets} secrets: they read as they did`)
  terminal.print()
  terminal.print('Everything is still there to look at:')
  terminal.print(`  cd ${backup.path}`)
  terminal.print('  gzip -dc customers.jsonl.gz | head -1')
  terminal.print(`  ls ${places.restored}`)
}
