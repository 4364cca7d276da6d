import type { ListedBackup } from '@s3db-backup/plugin-adapter'

type Damaged = Extract<ListedBackup, { readonly status: 'damaged' }>

/** Whether the storage refused to give the manifest of a listed backup. */
export function mayNotBeRead(backup: ListedBackup): backup is Damaged {
  return backup.status === 'damaged' && backup.error.code === 'permission_denied'
}
