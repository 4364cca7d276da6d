import { openCatalog, sweep, unfinished } from '@s3db-backup/core'
import { forge, forgedId } from '../../hostile/forge.ts'
import { destination } from '../destination.ts'
import type { Reader } from '../reader.ts'

const started = {
  format: 's3db-backup/1',
  id: 'full-2024-03-16T14-30-45-abc123',
  type: 'full',
  startedAt: '2024-03-16T14:30:45.000Z',
  writer: { name: '@s3db-backup/core', version: '0.0.0' },
}
const whole = forge({ parts: [{ file: 'users.jsonl', content: '{"id":"a"}\n' }] })

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
    const { backups, damaged } = await openCatalog(driver).list()
    if (backups.length !== 1 || backups[0]?.id !== forgedId || damaged.length > 0)
      throw new Error('a backup is gone')
    return found
  },
}

export const noteReaders: readonly Reader[] = [startedNote]
