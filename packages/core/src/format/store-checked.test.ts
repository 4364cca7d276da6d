import { expect, it } from 'vitest'
import { memoryDriver } from '../../test/memory-driver.js'
import { BackupError } from '../errors.js'
import { storeOrRemove } from './store-checked.js'

const call = { signal: new AbortController().signal, kind: 'keys' } as const
const ours = Buffer.from('ours')

it('an object that was stored wrongly is removed', async () => {
  const driver = memoryDriver()
  const spoiling = {
    ...driver,
    put: async (key: string) => {
      driver.objects.set(key, Buffer.from('0urs'))
      return { bytes: ours.byteLength }
    },
  }
  await expect(storeOrRemove(spoiling, 'b/keys.json', ours, call)).rejects.toMatchObject({ code: 'corrupt' })
  expect(driver.objects.size).toBe(0)
})

it('an object of another process stays if the storage refused ours', async () => {
  const driver = memoryDriver({ objects: [['b/keys.json', Buffer.from('theirs')]] })
  const refusing = {
    ...driver,
    put: async (key: string) => {
      throw new BackupError('corrupt', `${key} arrived damaged`)
    },
  }
  await expect(storeOrRemove(refusing, 'b/keys.json', ours, call)).rejects.toMatchObject({ code: 'corrupt' })
  expect(driver.objects.get('b/keys.json')?.toString()).toBe('theirs')
})
