import { BackupError } from '../errors.js'
import type { Link } from './read-index.js'

/** The link whose state a chain describes. */
export function newestOf(chain: readonly Link[]): Link {
  const newest = chain.at(-1)
  if (newest === undefined) throw new BackupError('internal', 'A chain has at least one backup')
  return newest
}
