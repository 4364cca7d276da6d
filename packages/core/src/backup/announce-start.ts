import type { Link } from '../chain/read-index.js'
import type { Run } from './backup-run.js'
import type { Chosen } from './choose-resources.js'

/** Tells the caller that the backup begins, of which resources, and on what it builds. */
export function announceStart(
  { resources }: Chosen,
  chain: readonly Link[] | undefined,
  { id, type, onEvent }: Run,
): void {
  const parent = chain?.at(-1)?.manifest.id ?? null
  const names = resources.map(({ name }) => name)
  onEvent({ type: 'backup-start', id, backupType: type, parent, resources: names })
}
