import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EncryptionConfig } from '@s3db-backup/encryption'
import { expect, it } from 'vitest'
import { BackupPlugin } from '../src/index.js'
import { connected, filled, install, scratch } from './scene.js'

const key = () => ({ algorithm: 'AES-256-GCM', key: `hex:${randomBytes(32).toString('hex')}` }) as const

it('a copy at another destination opens with the rotated keys, even after the old ones are gone', async () => {
  const [here, there, third] = [scratch(), scratch(), scratch()]
  const [old, fresh] = [key(), key()]
  const at = (encryption: EncryptionConfig, ...paths: string[]) =>
    new BackupPlugin({
      driver: 'multi',
      config: { drivers: paths.map((path) => ({ driver: 'filesystem', config: { path } })) },
      encryption: { ...encryption },
    })
  const db = await filled()
  const first = at(old, here)
  await install(db, first)
  const { id } = await first.backup('full')
  await at(old, here, there).replicas.sync()

  await first.rotateKey(id, fresh, { removeOld: true })
  await at(fresh, here, there, third).replicas.sync()

  for (const path of [there, third]) {
    rmSync(here, { recursive: true, force: true })
    const copy = at(fresh, path)
    await install(await connected(), copy)
    expect(await copy.verify(id)).toMatchObject({ ok: true })
  }
  expect(existsSync(join(third, id, 'keys.json'))).toBe(false)
})
