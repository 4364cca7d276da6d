import type { BackupPlugin } from '@s3db-backup/plugin'
import { type Command, Option } from 'commander'
import { wholeNumber } from '../config/options.js'
import type { Session } from '../session.js'
import { count, counted } from '../terminal/units.js'

/** How archived files become readable. */
export interface ThawOptions {
  readonly thaw?: boolean | undefined
  readonly tier?: 'Expedited' | 'Standard' | 'Bulk' | undefined
  /** How long thawed copies stay. */
  readonly days?: number | undefined
}

/** `--thaw`, for commands that read what may be archived. */
export function withThaw(command: Command): Command {
  return command
    .option('--thaw', 'request the retrieval of archived files, and wait: minutes to days')
    .addOption(
      new Option('--tier <tier>', 'speed and cost of the retrieval (default: Standard)')
        .choices(['Expedited', 'Standard', 'Bulk'])
        .implies({ thaw: true }),
    )
    .addOption(
      new Option('--days <n>', 'how long retrieved copies stay (default: 7)')
        .argParser(wholeNumber)
        .implies({ thaw: true }),
    )
}

/** Thaws the archived objects of a backup, if requested, and prints what it waits for. */
export async function thawFirst(
  { terminal, signal }: Session,
  plugin: BackupPlugin,
  id: string,
  { thaw, tier, days }: ThawOptions,
): Promise<void> {
  if (thaw !== true) return
  let told = ''
  const tell = (text: string) => {
    if (text !== told) terminal.note(text)
    told = text
  }
  const { objects, requested } = await plugin.destination.thaw(id, {
    signal,
    tier,
    days,
    onEvent(event) {
      if (event.type === 'thaw-waiting')
        tell(`Waiting for ${counted(event.waiting, 'archived file')}; ${count(event.ready)} can be read`)
    },
  })
  tell(`${counted(objects, 'file')} can be read; retrieval was requested for ${count(requested)} of them`)
}
