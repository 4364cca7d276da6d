import { BackupError } from '@s3db-backup/core'
import { openPlugin } from '../access/open-plugin.js'
import type { RotateKeyCommand } from '../config/command-options.js'
import { hideKey, readKey } from '../config/key.js'
import { readSettings } from '../config/settings.js'
import type { Session } from '../session.js'
import { counted } from '../terminal/units.js'

/** `s3db-backup rotate-key <id>`: from now on another key opens the backup. Needs no database. */
export async function rotateKey(
  { terminal, signal }: Session,
  id: string,
  options: RotateKeyCommand,
): Promise<void> {
  const { plugin } = await readSettings(options, terminal)
  const key = await readKey({
    file: options.newKeyFile,
    command: options.newKeyCommand,
    environment: process.env.S3DB_BACKUP_NEW_KEY,
  })
  if (key === undefined) throw noNewKey()
  hideKey(terminal.redactor, key)
  const report = await openPlugin({ plugin }).rotateKey(
    id,
    { algorithm: 'AES-256-GCM', ...plugin.encryption, key },
    { removeOld: options.removeOld === true, signal },
  )
  if (terminal.json) terminal.document(report)
  else if (!terminal.quiet) {
    const old =
      options.removeOld === true
        ? `${counted(report.removed.length, 'old key file')} removed`
        : 'the old key still opens it until --remove-old'
    terminal.print(`${terminal.colors.green('✓')} ${id} has a new key in ${report.file}; ${old}`)
  }
}

function noNewKey(): BackupError {
  return new BackupError('invalid_options', 'There is no new key', {
    suggestion: 'Make one with s3db-backup keygen --out new.key and give --new-key-file new.key.',
  })
}
