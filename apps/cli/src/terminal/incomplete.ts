import type { OpenedBackup } from '@s3db-backup/core'
import type { Terminal } from './terminal.js'
import { counted } from './units.js'

/** Says, once, that a backup that is read lacks records. */
export function warnIfIncomplete(terminal: Terminal, { id, manifest }: OpenedBackup): void {
  const { losses } = manifest
  if (manifest.status === 'completed') return
  const many = losses === undefined ? 'records' : counted(losses.count, 'record')
  terminal.warn({
    message: `Backup '${id}' is incomplete: ${many} could not be read when it was made`,
    suggestion: `'s3db-backup show ${id} --json' names them. What is printed may be an older version, or lack them.`,
  })
}
