import type { BackupPlugin } from '@s3db-backup/plugin'
import type { KeptDrill } from '@s3db-backup/plugin-adapter'

/** The drills whose reports lie at the destination. */
export interface KnownDrills {
  now(signal: AbortSignal): Promise<readonly KeptDrill[]>
  /** As they were when they were read last; if they never were, the current ones. */
  known(signal: AbortSignal): Promise<readonly KeptDrill[]>
  /** There is one more. */
  forget(): void
}

/** `closed` aborts when they are not asked for any more. */
export function knownDrills(plugin: BackupPlugin, closed: AbortSignal): KnownDrills {
  let last: readonly KeptDrill[] | undefined
  const forget = () => {
    last = undefined
  }
  plugin.on('plg:backup:drill', forget)
  closed.addEventListener('abort', () => plugin.off('plg:backup:drill', forget))
  const now = async (signal: AbortSignal) => {
    last = await plugin.drills.list({ signal })
    return last
  }
  return { now, known: async (signal) => last ?? now(signal), forget }
}
