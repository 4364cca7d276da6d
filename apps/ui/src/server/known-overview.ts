import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Overview } from '@s3db-backup/plugin-adapter'

/** The content of the destination at a time. */
export interface Seen {
  readonly overview: Overview
  /** When the reading began: what came later may be missing. In ms since 1970. */
  readonly at: number
  /** Seen a moment ago, and nothing has happened since in this process. */
  readonly fresh: boolean
  /** The number of backups seen here before, if none is left, though this process removed none. */
  readonly gone: { readonly count: number; readonly at: number } | null
}

/** Says that backups were here and are not any more; `null` if they are, or never were. */
export function saysGone(gone: Seen['gone']): string | null {
  if (gone === null) return null
  const [count, is] = gone.count === 1 ? ['1 backup', 'was'] : [`${gone.count} backups`, 'were']
  return `${count} ${is} here at ${new Date(gone.at).toISOString()}, and none is left. Is the destination connected?`
}

export interface KnownOverview {
  /** As it is, or was a moment ago. */
  now(): Promise<Seen>
  /** The last known state, however old; if there is none, the current one. Reads it again meanwhile. */
  known(): Promise<Seen>
}

/** How long an answer is reused after it was read, in ms. */
const fresh = 3_000

/** After these the destination is another one. */
const changes = ['complete', 'deleted', 'undeleted', 'cleanup', 'error', 'start', 'cancelled'] as const

/** After these an empty destination is as it should be. */
const removals = ['deleted', 'cleanup'] as const

/**
 * The content of the destination, read once for all requests at the same moment and shortly after: the parts of one
 * page, and its tabs. The first read starts at once, before a browser is opened.
 */
export function knownOverview(plugin: BackupPlugin, signal: AbortSignal): KnownOverview {
  let looking: Promise<Seen> | undefined
  let last: Omit<Seen, 'fresh'> | undefined
  let readAt = 0
  let spoilt = false
  let before: Seen['gone'] = null
  const removed = () => {
    before = null
  }
  const forget = () => {
    looking = undefined
    spoilt = true
  }
  for (const change of changes) plugin.on(`plg:backup:${change}`, forget)
  for (const change of removals) plugin.on(`plg:backup:${change}`, removed)
  signal.addEventListener('abort', () => {
    for (const change of removals) plugin.off(`plg:backup:${change}`, removed)
    for (const change of changes) plugin.off(`plg:backup:${change}`, forget)
  })
  const isFresh = () => last !== undefined && !spoilt && Date.now() - readAt <= fresh

  const look = (): Promise<Seen> => {
    const at = Date.now()
    const own = plugin.overview({ signal }).then(
      (overview) => {
        const count = overview.backups.length
        if (count > 0) before = { count, at }
        const seen = { overview, at, gone: count > 0 ? null : before }
        // A look that started before a change does not count after it.
        if (looking === own) [looking, last, readAt, spoilt] = [undefined, seen, Date.now(), false]
        return { ...seen, fresh: true }
      },
      (error: unknown) => {
        if (looking === own) looking = undefined
        throw error
      },
    )
    looking = own
    return own
  }
  const now = async (): Promise<Seen> =>
    last !== undefined && isFresh() ? { ...last, fresh: true } : (looking ?? look())

  // The next caller gets the failure.
  look().catch(() => undefined)
  return {
    now,
    async known() {
      if (last === undefined || isFresh()) return now()
      now().catch(() => undefined)
      return { ...last, fresh: false }
    },
  }
}
