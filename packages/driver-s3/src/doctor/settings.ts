import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3'
import { isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { answered } from '../errors/errors.js'
import { note, ok, problem } from './finding.js'
import type { Probe } from './probe.js'

/** Backups do not need the right to read a bucket's settings; without it there is nothing to report. */
async function readable<T>(look: Promise<T>): Promise<T | 'hidden'> {
  return look.catch((error: unknown) => {
    if (isBackupError(error, 'permission_denied') || isBackupError(error, 'unsupported')) return 'hidden'
    throw error
  })
}

export async function checkVersioning({ connection, signal }: Probe): Promise<Finding> {
  const command = new GetBucketVersioningCommand({ Bucket: connection.options.bucket })
  const versioning = await readable(connection.send(command, signal))
  if (versioning === 'hidden') return ok('versioning', 'Cannot see whether the bucket keeps versions')
  if (versioning.Status !== 'Enabled')
    return ok('versioning', 'The bucket keeps no versions: pruned backups are gone')
  return note(
    'versioning',
    'The bucket keeps versions: pruned backups still take space and can be restored',
    'Add a lifecycle rule that removes noncurrent versions after some days.',
  )
}

export async function checkObjectLock({ connection, signal }: Probe, wanted: boolean): Promise<Finding> {
  const command = new GetObjectLockConfigurationCommand({ Bucket: connection.options.bucket })
  const answer = await readable(connection.send(command, signal).catch(withoutLock))
  if (answer === 'hidden') return ok('object-lock', 'Cannot see whether objects can be locked')
  const lock = answer?.ObjectLockConfiguration
  if (lock?.ObjectLockEnabled !== 'Enabled') {
    if (!wanted) return ok('object-lock', 'The bucket locks no objects')
    return problem(
      'object-lock',
      'objectLock is set, and the bucket has no object lock',
      'Enable object lock on the bucket.',
    )
  }
  const { Mode, Days, Years } = lock.Rule?.DefaultRetention ?? {}
  if (Mode === undefined) return ok('object-lock', 'Objects can be locked; by default they are not')
  const period = Days === undefined ? `${Years} years` : `${Days} days`
  return note(
    'object-lock',
    `The bucket locks every object for ${period} (${Mode})`,
    'Let retention keep backups at least as long.',
  )
}

function withoutLock(error: unknown): undefined {
  if (!answered(error, 'ObjectLockConfigurationNotFoundError') && !answered(error, 404)) throw error
}
