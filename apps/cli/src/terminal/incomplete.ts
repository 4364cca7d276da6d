import type { Manifest } from '@s3db-backup/core'
import type { Terminal } from './terminal.js'
import { counted } from './units.js'

/** Says, once, that a backup that is read lacks records. */
export function warnIfIncomplete(
  terminal: Terminal,
  { manifest: { id, losses, status } }: { readonly manifest: Manifest },
): void {
  if (status === 'completed') return
  const many = losses === undefined ? 'records' : counted(losses.count, 'record')
  terminal.warn({
    message: `Backup '${id}' is incomplete: ${many} could not be read when it was made`,
    suggestion: `'s3db-backup show ${id} --json' names them. They are left out, or shown as an earlier backup has them.`,
  })
}
