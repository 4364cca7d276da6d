import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { namingDeleted } from '../../access/find-backup.js'
import { openPlugin } from '../../access/open-plugin.js'
import { resolveId } from '../../access/resolve-id.js'
import { names, type PlaceOptions, withPlace, withPlain } from '../../config/options.js'
import { fromHome } from '../../config/paths.js'
import { readSettings } from '../../config/settings.js'
import type { Session } from '../../session.js'
import { warnIfIncomplete } from '../../terminal/incomplete.js'
import { asInstalled } from '../../terminal/install-words.js'
import { watchTime } from '../../terminal/progress.js'
import { bytes, counted } from '../../terminal/units.js'

interface ExportOptions extends PlaceOptions {
  readonly allowPlain?: boolean | undefined
  readonly to: string
  readonly format: 'parquet' | 'csv' | 'jsonl'
  readonly resource?: string[] | undefined
  readonly where?: string | undefined
  readonly neutralize?: boolean | undefined
}

const examples = `
Writes one file per resource and never replaces a file. Needs DuckDB:
${asInstalled('npm install @duckdb/node-api')}

Examples:
  s3db-backup export latest --to ./warehouse --format parquet
  s3db-backup export latest --to ./out --format csv --where "active"`

export function exportCommand(command: Command, session: Session): void {
  withPlain(withPlace(command.argument('<id>', 'the backup')))
    .requiredOption('--to <folder>', 'the folder to write the files to')
    .addOption(
      new Option('--format <format>', 'parquet, csv or jsonl')
        .choices(['parquet', 'csv', 'jsonl'])
        .default('parquet'),
    )
    .option('--resource <names>', 'only these resources', names)
    .option('--where <condition>', 'only records that match this SQL condition')
    .option('--neutralize', 'csv: put an apostrophe before cells that a spreadsheet would run as a formula')
    .addHelpText('after', examples)
    .action((id: string, options: ExportOptions) => exportBackup(session, id, options))
}

/** `s3db-backup export <id> --to <folder>`: the resources of a backup as files for other tools. Needs no database. */
export async function exportBackup(session: Session, given: string, options: ExportOptions): Promise<void> {
  const { terminal, signal } = session
  const plugin = openPlugin(await readSettings(options, terminal))
  const id = await resolveId(plugin, given)
  const to = resolve(fromHome(options.to))
  const { format, where, resource: resources, neutralize } = options
  await namingDeleted(plugin, async () => {
    const backup = await plugin.query(id, { allowPlain: options.allowPlain === true, signal })
    const progress = watchTime(terminal, { doing: 'Exporting', mode: 'auto' })
    try {
      warnIfIncomplete(terminal, backup)
      const { files } = await backup.export({
        ...{ to, format, where, resources, neutralizeFormulas: neutralize, signal },
      })
      progress.stop()
      if (terminal.json) terminal.document({ id, format, files })
      else
        for (const { file, records, bytes: size } of files)
          terminal.print(
            terminal.quiet
              ? file
              : `${terminal.colors.green('✓')} ${file} (${counted(records, 'record')}, ${bytes(size)})`,
          )
    } finally {
      progress.stop()
      await backup.close()
    }
  })
}
