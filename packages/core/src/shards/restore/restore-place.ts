import { BackupError } from '../../errors.js'
import { restoresPrefix } from '../../format/layout.js'
import type { Driver } from '../../ports/driver.js'
import type { BackupCipher } from '../../ports/encryption.js'
import type { NotePlace } from '../shard-note.js'

/** The plan of the restore. All names begin with the id of the restore. */
export const planNote = (restore: string): string => `${restore}.plan.json`

/** What one shard wrote. */
export const shardNote = (restore: string, index: number): string =>
  `${restore}.${String(index).padStart(5, '0')}.json`

/** Where a restore keeps what was planned and done. */
export function restorePlace(driver: Driver, restore: string, cipher: BackupCipher | undefined): NotePlace {
  return { driver, id: checked(restore), directory: restoresPrefix.slice(0, -1), cipher, kind: 'report' }
}

function checked(restore: string): string {
  if (/^restore-[0-9a-f]{16}$/.test(restore)) return restore
  throw new BackupError('invalid_options', `${JSON.stringify(restore)} is not the id of a restore`, {
    operation: 'restore',
    suggestion: 'Give the id that openRestore made.',
  })
}
