import type { Manifest } from '@s3db-backup/core'
import { everyEntry, howManyLost } from '@s3db-backup/core/internal'
import type { Terminal } from './terminal.js'

/** Says, once, that a backup that is read lacks records. */
export function warnIfIncomplete(
  terminal: Pick<Terminal, 'warn'>,
  { manifest }: { readonly manifest: Pick<Manifest, 'id' | 'status' | 'resources' | 'internal'> },
): void {
  const { id, status } = manifest
  if (status === 'completed') return
  const many = howManyLost(everyEntry(manifest))
  terminal.warn({
    message: `Backup '${id}' is incomplete: ${many} could not be read when it was made`,
    suggestion: `'s3db-backup show ${id} --json' names them. They are left out, or shown as an earlier backup has them.`,
  })
}
