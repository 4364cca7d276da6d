import { BackupError } from '@s3db-backup/core'
import { parseOptions, type RotateKeysReport, rotateKeys } from '@s3db-backup/core/internal'
import * as z from 'zod'
import type { Storage } from '../context/plugin-context.js'

const rotateCallSchema = z
  .strictObject({
    removeOld: z.boolean().default(false),
    keepOld: z.boolean().default(false),
    signal: z.instanceof(AbortSignal).optional(),
  })
  .refine(({ removeOld, keepOld }) => !(removeOld && keepOld), {
    path: ['keepOld'],
    error: 'excludes removeOld',
  })

/** Options of one `rotateKey()` call. */
export interface RotateCall {
  /** Also remove the older key files, which old keys still open. Default `false`. */
  readonly removeOld?: boolean | undefined
  /** What opens the backup now opens it afterwards, too. Default `false`: from then on only the new configuration does. */
  readonly keepOld?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * `plugin.rotateKey(id, configuration)`: from now on what the new configuration has opens the backup. The plugin's
 * own configuration has to open it now; for new backups it stays what it is.
 */
export async function rotateKey(
  { destination, encryption }: Storage,
  backupId: string,
  configuration: unknown,
  options: RotateCall,
): Promise<RotateKeysReport> {
  const call = parseOptions(rotateCallSchema, options, {
    what: 'options of rotateKey()',
    operation: 'backup',
  })
  if (encryption === undefined) throw noEncryption()
  return rotateKeys({
    driver: destination.driver,
    id: backupId,
    rotate: (stored) => encryption.rotate(configuration, { ...stored, keepOld: call.keepOld }),
    removeOld: call.removeOld,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
}

function noEncryption(): BackupError {
  return new BackupError('invalid_options', 'The plugin has no encryption configured', {
    suggestion: 'Give the plugin the option encryption with the key that opens the backup now.',
  })
}
