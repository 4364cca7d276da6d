import { createHash } from 'node:crypto'
import { link, lstat, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BackupError } from '@s3db-backup/core'
import { isErrno, problem, touching } from './errors.js'
import type { Place } from './place.js'
import { temporaryName } from './temporary.js'

/** Steps that undo the work, to be run in reverse. */
export type Undo = (() => Promise<unknown>)[]

/**
 * Gives the file its name. link(2) fails if the name is taken, where rename(2) would replace what has it. Where the
 * file system has no links, a claim on the name keeps two writers apart.
 */
export async function publish(place: Place, temporary: string, file: string, undo: Undo): Promise<void> {
  await touching({ path: file, operation: 'upload' }, async () => {
    if (place.support.has('links') && (await linked(place, temporary, file))) {
      undo.push(() => unlink(file))
      await unlink(temporary)
      return
    }
    await renameClaimed(temporary, file)
    undo.push(() => unlink(file))
  })
}

/** False where the file system makes no links, or no more of them. */
async function linked({ support }: Place, temporary: string, file: string): Promise<boolean> {
  try {
    await link(temporary, file)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw taken(file)
    if (isErrno(error, 'EMLINK')) return false
    support.refused('links', error, file)
    return false
  }
}

async function renameClaimed(temporary: string, file: string): Promise<void> {
  const claim = await takeClaim(temporary, file)
  try {
    if (await exists(file)) throw taken(file)
    await rename(temporary, file)
  } finally {
    await unlink(claim).catch(() => undefined)
  }
}

/** A claim is held for as long as a look and a rename take. One that is this old, in ms, was left by a dead process. */
const longestClaim = 60_000
/** In ms, and how often: longer than any live process holds a claim, shorter than people wait. */
const pause = 50
const looks = 100

/** Makes a file that only one can make. It has the name of a temporary one, so that it is never listed, and is swept. */
async function takeClaim(temporary: string, file: string): Promise<string> {
  const digest = createHash('sha256').update(basename(file)).digest('hex')
  const claim = join(dirname(file), temporaryName(digest.slice(0, 24)))
  for (let look = 1; ; look++) {
    try {
      await (await open(claim, 'wx', 0o600)).close()
      return claim
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
    if (await isOlder(claim, temporary)) await unlink(claim).catch(() => undefined)
    else if (look === looks) throw taken(file)
    else await sleep(pause)
  }
}

/**
 * Whether a claim was left by a dead process. A file server has a clock of its own, so the claim is compared with a file
 * that this put has just written there.
 */
async function isOlder(claim: string, written: string): Promise<boolean> {
  const [claimed, now] = await Promise.all([claim, written].map(modified))
  return claimed !== undefined && now !== undefined && now - claimed > longestClaim
}

function modified(path: string): Promise<number | undefined> {
  return lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
}

async function exists(file: string): Promise<boolean> {
  return await lstat(file).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, 'ENOENT')) return false
      throw error
    },
  )
}

export function taken(path: string): BackupError {
  return problem('conflict', 'it exists already, and what was stored is never written over', {
    path,
    operation: 'upload',
  })
}
