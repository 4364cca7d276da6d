import type { BackupPlugin } from '@s3db-backup/plugin'
import type { Overview } from '@s3db-backup/plugin-adapter'

/** So long an answer is told again, in ms. */
const fresh = 3_000

/** After these the destination is another one. */
const changes = ['complete', 'deleted', 'undeleted', 'cleanup', 'error', 'start', 'cancelled'] as const

/**
 * What lies at the destination, looked up once for all that is asked at the same moment and shortly after: the parts of one
 * page, and its tabs. The first look begins at once, before a browser has been opened.
 */
export function knownOverview(plugin: BackupPlugin, signal: AbortSignal): () => Promise<Overview> {
  let known: { readonly at: number; readonly overview: Promise<Overview> } | undefined
  const forget = () => {
    known = undefined
  }
  for (const change of changes) plugin.on(`plg:backup:${change}`, forget)
  signal.addEventListener('abort', () => {
    for (const change of changes) plugin.off(`plg:backup:${change}`, forget)
  })
  const look = () => {
    const overview = plugin.overview({ signal })
    const looked = { at: Number.POSITIVE_INFINITY, overview }
    known = looked
    overview.then(
      () => {
        if (known === looked) known = { at: Date.now(), overview }
      },
      () => {
        if (known === looked) forget()
      },
    )
    return overview
  }
  // Whoever asks next is told what went wrong.
  look().catch(() => undefined)
  return () => (known === undefined || Date.now() - known.at > fresh ? look() : known.overview)
}
