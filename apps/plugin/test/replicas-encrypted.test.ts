import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import type { EncryptionConfig } from '@s3db-backup/encryption'
import { describe, expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { failure, filled, install, scratch } from './scene.js'

const newKey = () => ({ algorithm: 'AES-256-GCM', key: `hex:${randomBytes(32).toString('hex')}` }) as const

/** An encrypted backup at two places, and the plugin with a key or without one. */
async function twoCopies() {
  const [near, far] = [scratch(), scratch()]
  const key = newKey()
  const database = await filled(20)
  const at = (encryption: EncryptionConfig | null, paths = [near, far]) => {
    const drivers = paths.map((path, n) => ({ driver: 'filesystem', name: `${n}`, config: { path } }))
    return new BackupPlugin({
      driver: 'multi',
      config: { drivers },
      encryption: encryption === null ? null : { ...encryption },
      database: database as never,
    })
  }
  const plugin = at(key)
  await install(database, plugin)
  const { id } = await plugin.backup('full')
  const spoil = (file: string, path = far) => {
    const bytes = readFileSync(join(path, id, file))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(join(path, id, file), bytes)
  }
  const states = async (using = plugin, level: 'quick' | 'stored' | 'full' = 'full') => {
    const { ok, replicas } = await using.replicas.verify(id, { level })
    return [ok, ...replicas.map(({ state }) => state)]
  }
  return { near, far, id, key, plugin, at, spoil, states }
}

const levels = ['quick', 'stored', 'full'] as const

describe('the copies of an encrypted backup, checked with its key', () => {
  it.each(levels)('are whole at level %s', async (level) => {
    const { states, plugin } = await twoCopies()
    expect(await states(plugin, level)).toEqual([true, 'whole', 'whole'])
  })

  it.each(['p0001.jsonl.gz.enc', 'keys.json', 's3db.json'])('are damaged if %s is', async (file) => {
    const { states, spoil } = await twoCopies()
    spoil(file)
    expect(await states()).toEqual([false, 'whole', 'damaged'])
  })

  it('are damaged if no key file is left', async () => {
    const { states, far, id } = await twoCopies()
    rmSync(join(far, id, 'keys.json'))
    expect(await states()).toEqual([false, 'whole', 'damaged'])
  })

  it('are damaged if somebody replaced it with an unencrypted backup', async () => {
    const { states, far, id } = await twoCopies()
    rmSync(join(far, id), { recursive: true })
    const source = records({ users: { records: [{ id: 'u0', name: 'Eve' }] } })
    await backup({ source, driver: filesystem({ path: far }), id })
    expect(await states()).toEqual([false, 'whole', 'damaged'])
  })

  it('are damaged if they only have removed keys, until they are synced', async () => {
    const { near, id, at, key, states } = await twoCopies()
    const fresh = newKey()
    await at(key, [near]).rotateKey(id, fresh, { removeOld: true })
    expect(await states(at(fresh))).toEqual([false, 'whole', 'damaged'])
    await at(fresh).replicas.sync()
    expect(await states(at(fresh))).toEqual([true, 'whole', 'whole'])
  })
})

describe('without its key', () => {
  it('the stored bytes of each copy are still compared', async () => {
    const { states, at, spoil } = await twoCopies()
    for (const level of ['quick', 'stored'] as const)
      expect(await states(at(null), level)).toEqual([true, 'whole', 'whole'])
    spoil('p0001.jsonl.gz.enc')
    expect(await states(at(null), 'stored')).toEqual([false, 'whole', 'damaged'])
  })

  it('no copy is reported as damaged for a missing or wrong key', async () => {
    const { at, id } = await twoCopies()
    for (const encryption of [null, newKey()])
      expect(await failure(() => at(encryption).replicas.verify(id))).toMatchObject({ code: 'undecryptable' })
  })
})
