import { type BackupError, isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import type { Database, RecoverableWindow } from '@s3db-backup/s3db'
import { openPlugin } from '../../access/open-plugin.js'
import type { Settings } from '../../config/settings.js'
import type { Session } from '../../session.js'

/** The finding about the versions that the bucket of a database keeps. */
export async function versionsFinding(
  { signal }: Session,
  settings: Settings,
  database: Database,
): Promise<Finding> {
  try {
    return findingOf(await openPlugin(settings, database).past.window({ signal }))
  } catch (error) {
    if (signal.aborted || !isBackupError(error)) throw error
    return unknown(error)
  }
}

/** A backup needs no versions, so a note at most. */
function findingOf(window: RecoverableWindow): Finding {
  const { versioning, from, noncurrentDays, late, missingRights } = window
  const check = 'versions'
  const rights =
    missingRights.length === 0 ? undefined : `Allow ${missingRights.join(' and ')} on the bucket.`
  if (versioning === 'off')
    return {
      check,
      level: 'note',
      message: 'The bucket of the database keeps no versions, so undo and recover --at have nothing to read',
      suggestion:
        'Turn versioning on: from then on, undo and recover can restore any moment without a backup.',
    }
  if (versioning === 'suspended')
    return {
      check,
      level: 'note',
      message: 'Versioning of the bucket of the database is suspended: objects overwritten now are lost',
      suggestion: 'Turn it on again.',
    }
  if (from === null)
    return {
      check,
      level: 'note',
      message: 'The versions of the database cannot be read',
      suggestion: rights,
    }
  const kept =
    noncurrentDays === null
      ? missingRights.includes('s3:GetLifecycleConfiguration')
        ? 'the lifetime of versions is unknown'
        : 'no rule removes versions'
      : `a rule removes versions ${noncurrentDays} days after they were overwritten or deleted`
  const since = late
    ? '. Versioning was turned on after the database was made: earlier states of some records are lost'
    : ''
  return {
    check,
    level: rights === undefined && !late ? 'ok' : 'note',
    message: `Any moment since ${from.toISOString()} can be restored; ${kept}${since}`,
    suggestion: rights,
  }
}

function unknown(error: BackupError): Finding {
  return {
    check: 'versions',
    level: 'note',
    message: `Earlier states of the database cannot be read: ${error.message}`,
    suggestion: error.suggestion,
  }
}
