import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Row, restore, type Target } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { encryption } from '@s3db-backup/encryption'
import { afterAll, beforeAll } from 'vitest'
import { type ShardQueue, shardQueue } from '../src/index.js'

const script = join(import.meta.dirname, '../../../tooling/redis/redis.sh')

export interface RedisServer {
  readonly url: string
  /** As a machine that loses its power; what it acknowledged is there again. */
  restart(): void
}

/** A Redis of Debian with an append-only file, on a port of its own. To be called at the top of a test file. */
export function redisServer(port: number): RedisServer {
  const dir = join(tmpdir(), `s3db-backup-redis-${port}`)
  const env: NodeJS.ProcessEnv = { ...process.env, REDIS_PORT: String(port), REDIS_DIR: dir }
  delete env.REDIS_URL
  const tell = (what: string) => execFileSync(script, [what], { env, stdio: 'ignore' })
  beforeAll(() => tell('start'), 300_000)
  afterAll(() => tell('stop'))
  return { url: `redis://127.0.0.1:${port}`, restart: () => tell('restart') }
}

export const recordCount = 3000

/** A destination, a queue of its own and processes that work on it; all gone in the end. With a key all of it is encrypted. */
export function scene(redis: RedisServer, name: string, key?: string) {
  const path = mkdtempSync(join(tmpdir(), 's3db-backup-queue-'))
  const prefix = `test-${name}-${process.pid}-${Date.now()}`
  const processes = new Set<ChildProcess>()
  const start = (file: string, ...more: string[]) => {
    const args = [
      join(import.meta.dirname, 'processes', file),
      redis.url,
      prefix,
      path,
      String(recordCount),
      ...more,
    ]
    const env = { ...process.env, ...(key === undefined ? {} : { BACKUP_KEY: key }) }
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    processes.add(child)
    child.on('exit', () => processes.delete(child))
    return child
  }
  const queue: ShardQueue = shardQueue({ redis: redis.url, prefix })
  return {
    path,
    connection: { redis: redis.url, prefix },
    driver: filesystem({ path }),
    encryption: key === undefined ? undefined : encryption({ algorithm: 'AES-256-GCM', key }),
    queue,
    async worker() {
      const child = start('worker.mjs')
      if (child.stdout !== null) await once(child.stdout, 'data')
      return child
    },
    coordinator: (id: string) => start('coordinator.mjs', id),
    restorer: (restore: string, index: number, into: string) =>
      start('restorer.mjs', restore, String(index), into),
    async close() {
      const ends = [...processes].map((child) => once(child, 'exit'))
      for (const child of processes) child.kill('SIGKILL')
      await Promise.all(ends)
      await queue.close()
      rmSync(path, { recursive: true, force: true })
    },
  }
}

export type Scene = ReturnType<typeof scene>

/** The records of a backup, every part compared with its hash. */
export async function recordsIn({ driver, encryption }: Scene, id: string): Promise<Row[]> {
  const rows: Row[] = []
  const target: Target = {
    open: async () => undefined,
    async write(_, batches) {
      for await (const batch of batches) rows.push(...batch.rows)
      return { restored: rows.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
  await restore({ driver, encryption, id, target })
  return rows
}

export const model: readonly Row[] = Array.from({ length: recordCount }, (_, i) => ({
  id: `r${String(i).padStart(6, '0')}`,
  name: `Record ${i}`,
  odd: i % 2 === 1,
}))
