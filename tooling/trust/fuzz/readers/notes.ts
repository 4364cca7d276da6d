import { type Driver, openCatalog, prune, remove } from '@s3db-backup/core'
import { deleted, failed, purge, sweep, undelete, unfinished } from '@s3db-backup/core/internal'
import { forge, forgedId, sealed } from '../../hostile/forge.ts'
import { destination, restored } from '../destination.ts'
import type { Reader } from '../reader.ts'

const started = {
  format: 's3db-backup/1',
  id: 'full-2024-03-16T14-30-45-abc123',
  type: 'full',
  startedAt: '2024-03-16T14:30:45.000Z',
  writer: { name: '@s3db-backup/core', version: '0.0.0' },
}
const whole = forge({ parts: [{ file: 'users.jsonl', content: '{"id":"a"}\n' }] })

async function checkWhole(driver: Driver): Promise<void> {
  const { backups, damaged } = await openCatalog(driver).list()
  if (backups.length !== 1 || backups[0]?.id !== forgedId || damaged.length > 0)
    throw new Error('a backup is gone')
}

/** The note of a backup that was begun, beside a backup that is whole and must stay. */
const startedNote: Reader = {
  name: 'note of a start',
  seeds: [{ name: 'started', bytes: Buffer.from(`${JSON.stringify(started, null, 2)}\n`) }],
  changed: ['bytes', 'json'],
  promises: 'valid',
  inputs: 400,
  async read(bytes) {
    const driver = destination(whole, `${started.id}/started.json`, bytes)
    const found = await unfinished({ driver })
    for (const { id, startedAt } of found)
      if (id !== started.id || Number.isNaN(Date.parse(startedAt)))
        throw new Error(`found ${id} of ${startedAt}`)
    await sweep({ driver })
    await checkWhole(driver)
    return found
  },
}

const failure = {
  ...{ format: 's3db-backup/1', id: started.id, type: 'full', startedAt: started.startedAt },
  ...{
    failedAt: '2024-03-16T14:31:45.000Z',
    cancelled: false,
    code: 'no_space',
    operation: 'backup',
    message: 'Full',
  },
}

/** The note of a backup that failed, beside one that is whole. */
const failedNote: Reader = {
  name: 'note of a failure',
  seeds: [{ name: 'failed', bytes: Buffer.from(JSON.stringify(failure, null, 2)) }],
  changed: ['bytes', 'json'],
  promises: 'valid',
  inputs: 300,
  async read(bytes) {
    const driver = destination(whole, `${failure.id}/failed.json`, bytes)
    const found = await failed({ driver })
    for (const { id, failedAt } of found)
      if (id !== failure.id || Number.isNaN(Date.parse(failedAt)))
        throw new Error(`found ${id} of ${failedAt}`)
    await sweep({ driver })
    await checkWhole(driver)
    return found
  },
}

const later = '2024-06-01T00:00:00.000Z'
const deletion = sealed(
  JSON.stringify(
    {
      ...{
        format: 's3db-backup/1',
        id: forgedId,
        deletedAt: '2024-05-01T00:00:00.000Z',
        purgeAfter: later,
        reasons: [],
      },
      manifest: Buffer.from(whole.get(`${forgedId}/s3db.json`) ?? '').toString('utf8'),
    },
    null,
    2,
  ),
)

/** The note that keeps the manifest of a backup that was deleted: it brings that very backup back, or nothing. */
const deletedNote: Reader = {
  name: 'note of a deletion',
  seeds: [{ name: 'deleted', bytes: deletion }],
  changed: ['bytes', 'json'],
  promises: 'original',
  inputs: 400,
  async read(bytes) {
    const parts = new Map([...whole].filter(([key]) => !key.endsWith('/s3db.json')))
    const driver = destination(parts, `${forgedId}/deleted.json`, bytes)
    const now = () => new Date('2024-05-02T00:00:00.000Z')
    await deleted({ driver })
    await purge({ driver, now })
    await undelete({ driver, id: forgedId })
    return restored(driver, forgedId)
  },
}

/** Who uses what, as others are told. Whatever lies there, a backup that nobody uses can be removed, or it is said why. */
const lease: Reader = {
  name: 'lease',
  seeds: [
    {
      name: 'use',
      bytes: Buffer.from(
        JSON.stringify({
          ...{
            format: 's3db-backup/1',
            kind: 'use',
            operation: 'restore',
            backups: [forgedId],
            holder: 'host 1',
          },
          ...{ takenAt: '2024-05-01T00:00:00.000Z', expiresAt: '2024-05-01T00:15:00.000Z' },
        }),
      ),
    },
  ],
  changed: ['bytes', 'json'],
  promises: 'valid',
  inputs: 300,
  async read(bytes) {
    const driver = destination(whole, '.leases/1.json', bytes)
    await prune({ driver, plan: () => ({ keep: [], remove: [] }) })
    await sweep({ driver })
    return remove({ driver, id: forgedId })
  },
}

export const noteReaders: readonly Reader[] = [startedNote, failedNote, deletedNote, lease]
