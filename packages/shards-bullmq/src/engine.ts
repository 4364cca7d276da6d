import { createRequire } from 'node:module'
import { BackupError } from '@s3db-backup/core'

const load = createRequire(import.meta.url)

/** BullMQ and its Redis client are loaded when a queue or a worker is created, so that others need not install them. */
export const bullmq = (): typeof import('bullmq') => installed('bullmq')

export const ioredis = (): typeof import('ioredis') => installed('ioredis')

function installed(name: string) {
  try {
    return load(name)
  } catch (cause) {
    throw new BackupError('unsupported', `A queue of shards needs ${name}, which cannot be loaded`, {
      suggestion: 'Install both that it needs: npm install bullmq ioredis',
      cause,
    })
  }
}
