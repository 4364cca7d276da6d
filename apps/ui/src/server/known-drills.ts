import type { BackupPlugin } from '@s3db-backup/plugin'
import type { KeptDrill } from '@s3db-backup/plugin-adapter'

/** The drills whose reports lie at the destination. */
export interface KnownDrills {
  now(signal: AbortSignal): Promise<readonly KeptDrill[]>
  /** As they were when they were read last; if they never were, the current ones. */
  known(signal: AbortSignal): Promise<readonly KeptDrill[]>
}

export function knownDrills({ drills }: Pick<BackupPlugin, 'drills'>): KnownDrills {
  let last: readonly KeptDrill[] | undefined
  const now = async (signal: AbortSignal) => {
    last = await drills.list({ signal })
    return last
  }
  return { now, known: async (signal) => last ?? now(signal) }
}
