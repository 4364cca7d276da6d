import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BackupError, type Driver } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { memory } from '@s3db-backup/driver-testkit'
import { type History, seed } from './history.ts'
import { onDisk, type Place, scratch } from './places.ts'

/** A place that takes so many more files, and then is full until it is given room. */
export interface TinyDisk extends Place {
  /** How it is made full. */
  readonly kind: 'tmpfs' | 'quota'
  makeRoom(): void
}

const canMount = ((): boolean => {
  const path = scratch()
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path], { stdio: 'ignore' })
    execFileSync('umount', [path])
    return true
  } catch {
    return false
  } finally {
    rmSync(path, { recursive: true })
  }
})()

/** A small tmpfs where this user may mount one; else a driver that counts what it stores. */
export async function tinyDisk(history: Pick<History, 'objects'>, free: number): Promise<TinyDisk> {
  return canMount ? mounted(history, free) : counted(history, free)
}

async function mounted({ objects }: Pick<History, 'objects'>, free: number): Promise<TinyDisk> {
  const path = scratch()
  const directories = new Set(objects.map(([key]) => dirname(key)))
  const used = objects.length + directories.size + 1
  const size = (inodes: number) => `size=64m,nr_inodes=${inodes}`
  execFileSync('mount', ['-t', 'tmpfs', '-o', size(used + free), 'tmpfs', path])
  for (const [key, bytes] of objects) {
    mkdirSync(dirname(join(path, key)), { recursive: true })
    writeFileSync(join(path, key), bytes)
  }
  const place = await onDisk({ objects: [] }, path)
  return {
    ...place,
    kind: 'tmpfs',
    makeRoom: () => void execFileSync('mount', ['-o', `remount,${size(0)}`, path]),
    async remove() {
      execFileSync('umount', [path])
      rmSync(path, { recursive: true })
    },
  }
}

async function counted(history: Pick<History, 'objects'>, free: number): Promise<TinyDisk> {
  const inner = memory()
  await seed(inner, history, { signal: new AbortController().signal })
  let limit = inner.objects.size + free
  const driver: Driver = {
    ...inner,
    async put(key, body, call) {
      if (inner.objects.size >= limit)
        throw new BackupError('no_space', 'There is no room for another object')
      return inner.put(key, body, call)
    },
  }
  return {
    kind: 'quota',
    driver,
    address: { kind: 'memory' },
    async snapshot() {
      const copy = memory()
      await seed(copy, { objects: [...inner.objects] }, { signal: new AbortController().signal })
      return copy
    },
    unfinished: async () => [],
    strays: async () => [],
    makeRoom() {
      limit = Infinity
    },
    remove: async () => undefined,
  }
}

/** A seeded directory that may only be read, and what gives the right to write back; nothing where that cannot be made. */
export async function readOnlyDisk(history: Pick<History, 'objects'>) {
  if (!canMount) return undefined
  const place = await mounted(history, 100)
  if (place.address.kind !== 'filesystem') return undefined
  const { path } = place.address
  execFileSync('mount', ['-o', 'remount,ro', path])
  return {
    ...place,
    driver: filesystem({ path }),
    makeRoom: () => void execFileSync('mount', ['-o', 'remount,rw', path]),
  }
}
