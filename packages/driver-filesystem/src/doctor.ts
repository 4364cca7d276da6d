import { randomUUID } from 'node:crypto'
import { lstat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Call, isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { removeEmptyAbove } from './directories.js'
import { touching } from './errors.js'
import { fileOf, type Place } from './place.js'
import { put } from './put.js'
import { warnings } from './support.js'
import { walk } from './walk.js'

/**
 * Writes a small file as a backup does, and says what the file system refused of that; then looks what is there besides
 * backups. Rejects only with `signal.reason`.
 */
export async function doctor(place: Place, call: Call): Promise<Finding[]> {
  return [
    ...(await found('durability', call, () => checkDurability(place, call))),
    ...(await found('others', call, () => checkOthers(place, call))),
  ]
}

async function checkDurability(place: Place, call: Call): Promise<Finding[]> {
  const key = `s3db-doctor-${randomUUID()}/probe`
  const file = fileOf(place.root, key, 'upload')
  await put(place, key, probe(), call)
  const { mode } = await touching({ path: file, operation: 'upload' }, async () => {
    const stats = await lstat(file)
    await unlink(file)
    return stats
  })
  await removeEmptyAbove(place.root, file)
  const refused = [...place.support.found].map(
    (feature): Finding => ({
      check: 'durability',
      level: 'note',
      message: `The file system at ${place.root} refuses ${warnings[feature].says}`,
      suggestion: warnings[feature].suggestion,
    }),
  )
  if (refused.length === 0)
    refused.push({
      check: 'durability',
      level: 'ok',
      message: 'Files appear only when complete, and are on disk when a backup is done',
    })
  return [...refused, checkMode(place, mode & 0o777)]
}

/** Some file systems take a mode, and keep another one. */
function checkMode({ permissions }: Place, mode: number): Finding {
  const [wanted, kept] = [permissions, mode].map((each) => each.toString(8))
  if (process.platform === 'win32' || wanted === kept)
    return { check: 'permissions', level: 'ok', message: `Files have the permissions ${wanted}` }
  return {
    check: 'permissions',
    level: 'note',
    message: `Files should have the permissions ${wanted} and have ${kept}`,
    suggestion: warnings.permissions.suggestion,
  }
}

async function checkOthers(place: Place, { signal }: Call): Promise<Finding[]> {
  const { root } = place
  const seen = new Set<string>()
  const onStranger = (path: string) => {
    place.passedBy.add(path)
    seen.add(path)
  }
  for await (const _ of walk({ root, prefix: '', operation: 'list', signal, onStranger }));
  const [first] = seen
  if (first === undefined)
    return [{ check: 'others', level: 'ok', message: `There are no foreign files below ${root}` }]
  const more = seen.size === 1 ? '' : ` and ${seen.size - 1} more`
  return [
    {
      check: 'others',
      level: 'note',
      message: `${first}${more} belongs to no backup and is skipped`,
      suggestion: `Nothing needs to be done. Backups are best kept in a folder of their own, such as ${dirname(root) === root ? '' : root}/backups.`,
    },
  ]
}

async function found(check: string, { signal }: Call, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    signal.throwIfAborted()
    if (!isBackupError(error)) throw error
    return [{ check, level: 'problem', message: error.message, suggestion: error.suggestion, error }]
  }
}

async function* probe(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('Written by the doctor of s3db-backup; may be deleted.')
}
