// Shared by all processes of a test: <redis> <prefix> <folder> <records>, and the key of the backups in the
// environment.

import { filesystem } from '@s3db-backup/driver-filesystem'
import { encryption } from '@s3db-backup/encryption'

const [, , redis, prefix, path, records, ...more] = process.argv
const key = process.env.BACKUP_KEY

export const surroundings = {
  redis,
  prefix,
  driver: filesystem({ path }),
  records: Number(records),
  /** Nothing where backups are not encrypted. */
  encryption: key === undefined ? undefined : encryption({ algorithm: 'AES-256-GCM', key }),
  more,
}
