import { resolve } from 'node:path'
import { isBackupError } from '@s3db-backup/core'
import { errnoOf } from '@s3db-backup/core/internal'
import { keygen as newKey } from '@s3db-backup/encryption'
import type { Command } from 'commander'
import { writeNew } from '../access/output-files.js'
import type { Session } from '../session.js'

interface KeygenOptions {
  readonly out?: string | undefined
}

const keygenExamples = `
Examples:
  s3db-backup keygen --out backup.key
  export S3DB_BACKUP_KEY="$(s3db-backup keygen)"

Keep a copy apart from the backups: without the key they cannot be opened.`

export function keygenCommand(command: Command, session: Session): void {
  command
    .option('--out <file>', 'write it to a new file that only you can read')
    .addHelpText('after', keygenExamples)
    .action((options: KeygenOptions) => keygen(session, options))
}

/** `s3db-backup keygen`: a new random key, printed or written to a file that only its owner can read. */
export async function keygen({ terminal }: Session, { out }: KeygenOptions): Promise<void> {
  const key = newKey()
  if (out === undefined) {
    if (terminal.json) terminal.document({ key })
    else terminal.print(key)
    return
  }
  await writeKey(out, key)
  if (terminal.json) terminal.document({ file: resolve(out) })
  else
    terminal.note(
      `${terminal.errorColors.green('✓')} The key is in ${out}. Keep a copy apart from the backups: without the key they cannot be opened.`,
    )
}

/** Into a new file, never over another key. */
export async function writeKey(file: string, key: string): Promise<void> {
  await writeNew(file, `${key}\n`).catch((error: unknown) => {
    if (!isBackupError(error, 'conflict') || errnoOf(error.cause) !== 'EEXIST') throw error
    throw error.with({ suggestion: 'Choose another name: a key is never replaced.' })
  })
}
