import { BackupError } from '@s3db-backup/core'
import type { PluginBackup } from '@s3db-backup/plugin-adapter'
import type { Session } from '../session.js'
import { counted } from '../terminal/units.js'
import { printSentence } from '../terminal/wrapped.js'
import type { Difference } from './compare.js'
import { partitionsOf } from './database.js'
import type { Places } from './places.js'
import type { DemoResource } from './resources.js'

/** Differences shown before the rest is only counted. */
const shown = 10

interface Outcome {
  readonly places: Places
  readonly backup: PluginBackup
  readonly resources: readonly DemoResource[]
  readonly records: number
  readonly restored: unknown
  readonly differences: readonly Difference[]
}

/** Says that every record is back, or throws `corrupt` with what is not. */
export function conclude(
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
  printSentence(
    terminal,
    `${tick} Compared all ${counted(records, 'record')}: every field equals what was inserted`,
  )
  printSentence(terminal, `${tick} Listed all ${partitions} partition values: each lists the same ids`)
  printSentence(terminal, `${tick} Decrypted all ${secrets} secrets: all are unchanged`)
  terminal.print()
  terminal.print('The files are still there:')
  terminal.print(`  cd ${backup.path}`)
  terminal.print('  gzip -dc customers.jsonl.gz | head -1')
  terminal.print(`  ls ${places.restored}`)
}
