import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScratchFolder } from '@s3db-backup/plugin-adapter'

/** A new folder in `tempDir`, or where the system keeps such, that only this user may look into (mode 0700). */
export async function scratchFolder({
  tempDir = tmpdir(),
}: {
  readonly tempDir?: string | undefined
}): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tempDir, 's3db-backup-drill-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
