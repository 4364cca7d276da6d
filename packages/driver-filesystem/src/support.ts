import type { OnWarning, StorageWarning } from '@s3db-backup/core'
import { errnoOf } from '@s3db-backup/core/internal'

/** Features that a file system may lack, and a driver can do without. */
export type Feature = 'links' | 'sync' | 'directory sync' | 'permissions'

/** The features that a file system was found to lack. */
export interface Support {
  readonly found: ReadonlySet<Feature>
  has(feature: Feature): boolean
  /** Records a refusal, and warns the first time. Throws any other error. */
  refused(feature: Feature, error: unknown, path: string): void
}

/** How file systems refuse what they do not have, each in its own way. */
const refusals: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EINVAL',
  'EXDEV',
  'EACCES',
  'ENOTTY',
])

/** Whether a call failed because the file system does not have it, and not because something went wrong. */
export function isRefusal(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno !== undefined && refusals.has(errno)
}

export function supportOf(onWarning: OnWarning | undefined): Support {
  const found = new Set<Feature>()
  return {
    found,
    has: (feature) => !found.has(feature),
    refused(feature, error, path) {
      if (!isRefusal(error)) throw error
      if (found.has(feature)) return
      found.add(feature)
      const { code, says, suggestion } = warnings[feature]
      onWarning?.({
        code,
        driver: 'filesystem',
        message: `The file system at ${path} refuses ${says} (${errnoOf(error)})`,
        suggestion,
        metadata: { path, errno: errnoOf(error) },
      })
    },
  }
}

interface Words {
  readonly code: StorageWarning['code']
  readonly says: string
  readonly suggestion: string
}

const durable =
  'A power failure within seconds after a backup may destroy it. Verify it later, or also keep backups on a local disk.'

/** What is refused, and the alternative. */
export const warnings: Record<Feature, Words> = {
  links: {
    code: 'links_refused',
    says: 'hard links: files get their names by a rename instead, with a claim that lets one of two writers win',
    suggestion: 'Nothing needs to be done. Let no other program write below the path.',
  },
  sync: {
    code: 'sync_refused',
    says: 'to confirm that bytes are on disk: after a power failure the newest files may be missing or truncated',
    suggestion: durable,
  },
  'directory sync': {
    code: 'sync_refused',
    says: 'to confirm that names are on disk: after a power failure the newest files may be missing',
    suggestion: durable,
  },
  permissions: {
    code: 'permissions_refused',
    says: 'permissions: files and directories keep its default permissions',
    suggestion:
      'Set permissions where the file system is mounted (uid, gid, umask, file_mode), or encrypt the backups.',
  },
}
