import { resolve } from 'node:path'
import type { Doubt, Loss } from '@s3db-backup/core/internal'
import type { BackupPlugin } from '@s3db-backup/plugin'
import type { SalvageCall } from '@s3db-backup/plugin-adapter'
import type { Command } from 'commander'
import { openNowhere } from '../access/database.js'
import { openPlugin } from '../access/open-plugin.js'
import { lineFiles } from '../access/output-files.js'
import { resolveId } from '../access/resolve-id.js'
import { type ThawOptions, thawFirst, withThaw } from '../access/thaw.js'
import { names, namesIfAny, type PlaceOptions, withPlace, withPlain } from '../config/options.js'
import { readSettings } from '../config/settings.js'
import { exitCodes } from '../exit-codes.js'
import type { Session } from '../session.js'
import { isIncomplete, printSalvaged, type Salvaged } from '../terminal/summaries/salvage-summary.js'

interface SalvageOptions extends PlaceOptions, ThawOptions {
  /** A connection string or a folder. */
  readonly to?: string | undefined
  readonly allowPlain?: boolean | undefined
  readonly resources?: string[] | undefined
  readonly exclude?: string[] | undefined
}

const examples = `
Without --to it writes nothing and reports what is intact and what is lost. With
a connection string it adds records to that database and replaces none; with a
folder it writes <resource>.jsonl.gz files. Exits with 12 if something is lost.

Examples:
  s3db-backup salvage full-2024-03-15T14-30-45-abc123
  s3db-backup salvage full-2024-03-15T14-30-45-abc123 --to ./salvaged
  s3db-backup salvage full-2024-03-15T14-30-45-abc123 --to file:///srv/salvaged`

export function salvageCommand(command: Command, session: Session): void {
  command.argument('<id>', 'the backup')
  withPlain(withThaw(withPlace(command)))
    .option('--to <where>', 'a connection string, or a new or empty folder')
    .option('--resources <names>', 'only these resources (globs allowed)', names)
    .option('--exclude <names>', 'not these resources (globs allowed)', namesIfAny)
    .addHelpText('after', examples)
    .action((id: string, options: SalvageOptions) => salvage(session, id, options))
}

type Found = Omit<Salvaged, 'id' | 'parent'>

/** `s3db-backup salvage <id>`: the provably intact records of a damaged backup, and what is lost. */
export async function salvage(session: Session, given: string, options: SalvageOptions): Promise<void> {
  const { terminal, signal } = session
  const settings = await readSettings(options, terminal)
  const { to, resources, exclude, allowPlain = false } = options
  const toDatabase = to !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(to)
  if (toDatabase) terminal.redactor.hideConnection(to)
  const nowhere = toDatabase ? await openNowhere(session) : undefined
  try {
    const plugin = openPlugin(settings, nowhere?.database)
    const id = await resolveId(plugin, given, 'verify')
    await thawFirst(session, plugin, id, options)
    const call = { resources, exclude, allowPlain, signal }
    // A missing backup is reported before a folder is created.
    const { manifest } = await plugin.describe(id, { signal })
    const found = toDatabase
      ? await intoDatabase(plugin, id, { ...call, target: to })
      : await intoFolder(plugin, id, call, to)
    const salvaged = { id, parent: manifest.parent, ...found }
    if (isIncomplete(salvaged)) session.exitCode = exitCodes.incomplete
    if (terminal.json) terminal.document({ ...salvaged, to: placeOf(to, toDatabase) })
    else printSalvaged(terminal, salvaged, { to, chosen: (resources ?? exclude) !== undefined })
  } finally {
    await nowhere?.close()
  }
}

/** As it means the same everywhere. */
function placeOf(to: string | undefined, toDatabase: boolean): string | null {
  if (to === undefined) return null
  return toDatabase ? to : resolve(to)
}

async function intoDatabase(
  plugin: BackupPlugin,
  id: string,
  call: SalvageCall & { readonly target: string },
): Promise<Found> {
  const { resources, internal, lost, doubts } = await plugin.salvageInto(id, call)
  const written = Object.entries(resources)
  const failed = [...written, ...Object.entries(internal)].filter(([, report]) => report.failed.length > 0)
  return {
    resources: Object.fromEntries(written.map(([name, { restored }]) => [name, restored])),
    skipped: Object.fromEntries(written.map(([name, { skipped }]) => [name, skipped])),
    failed: Object.fromEntries(failed.map(([name, report]) => [name, report.failed])),
    lost,
    doubts,
  }
}

/** Without a folder only counts. */
async function intoFolder(
  plugin: BackupPlugin,
  id: string,
  call: SalvageCall,
  folder: string | undefined,
): Promise<Found> {
  const counts = new Map<string, number>()
  const lost: Loss[] = []
  const doubts: Doubt[] = []
  const files = folder === undefined ? undefined : await lineFiles(folder)
  try {
    for await (const found of plugin.salvage(id, call)) {
      if (found.type === 'lost') {
        lost.push(found)
        continue
      }
      if (found.type === 'doubt') {
        doubts.push(found)
        continue
      }
      const { resource, holds, lines } = found
      if (holds === 'rows') counts.set(resource, (counts.get(resource) ?? 0) + lines.length)
      await files?.write(holds === 'rows' ? resource : `${resource}.${holds}`, lines)
    }
  } finally {
    await files?.close()
  }
  return { resources: Object.fromEntries(counts), skipped: {}, failed: {}, lost, doubts }
}
