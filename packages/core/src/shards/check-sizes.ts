import type { Destination } from '../backup/backup-run.js'
import { BackupError } from '../errors.js'
import type { Attempt } from '../inventory/attempt.js'
import type { Part } from '../manifest.js'
import type { Call } from '../ports/driver.js'

/** One listing: every part is there, with its size. */
export async function checkSizes(
  parts: readonly Part[],
  { driver, directory, id }: Pick<Attempt & Destination, 'driver' | 'directory' | 'id'>,
  call: Call,
): Promise<void> {
  const sizes = new Map<string, number>()
  for await (const { key, bytes } of driver.list(`${directory}/`, call))
    sizes.set(key.slice(directory.length + 1), bytes)
  for (const { file, bytes } of parts) {
    const stored = sizes.get(file)
    if (stored === bytes) continue
    const why = stored === undefined ? 'it is missing' : `it has ${stored} of ${bytes} bytes`
    throw new BackupError('corrupt', `${id}/${file} is not as its shard stored it: ${why}`, {
      suggestion: 'Abort the plan and make another one: something removed or altered what a worker stored.',
      metadata: { backupId: id, file },
    })
  }
}
