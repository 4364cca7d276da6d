import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import * as z from 'zod'

/** How the private folders are called. */
export const folderPrefix = 's3db-backup-query-'

/** Says in a private folder which process it belongs to. */
export const ownerFile = 'owner.json'

/** How often a living process says so, in ms. */
export const heartbeat = 60_000

/** A process, distinguished from others that had or will have its number. */
export interface Owner {
  readonly pid: number
  /** When it started, as the system counts; `null` where the system does not say. */
  readonly started: string | null
  /** Where its number counts: the machine since its last start, and the container. */
  readonly place: string
}

export const ownerSchema = z.strictObject({
  pid: z.int().positive(),
  started: z.string().nullable(),
  place: z.string(),
})

export async function ownerOf(pid: number): Promise<Owner> {
  return { pid, started: await startOf(pid), place: await here() }
}

/** Whether the process runs; `undefined` for one that cannot be seen from here. */
export async function isAlive(owner: Owner): Promise<boolean | undefined> {
  if (owner.place !== (await here())) return undefined
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // Without the right to signal it, the process still exists.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return owner.started === null || owner.started === (await startOf(owner.pid))
}

/** Field 22 of `proc(5)`: in clock ticks since the machine started. The name before it may hold brackets and spaces. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await orNothing(readFile(`/proc/${pid}/stat`, 'utf8'))
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

async function here(): Promise<string> {
  const boot = await orNothing(readFile('/proc/sys/kernel/random/boot_id', 'utf8'))
  const container = await orNothing(readlink('/proc/self/ns/pid'))
  return [hostname(), boot?.trim() ?? '', container ?? ''].join(' ')
}

/** These files are there on Linux alone. */
async function orNothing<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined)
}
