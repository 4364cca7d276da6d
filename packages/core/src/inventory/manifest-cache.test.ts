import { beforeEach, describe, expect, it } from 'vitest'
import { aManifest, stored } from '../../test/manifests.js'
import { type MemoryDriver, memoryDriver } from '../../test/memory-driver.js'
import type { Driver } from '../ports/driver.js'
import type { ManifestCache } from '../ports/manifest-cache.js'
import { catalogOf } from './catalog.js'
import { inventory } from './inventory.js'

const id = (i: number) => `full-2024-03-15T14-30-45-${String(i).padStart(6, '0')}`

/** A driver whose objects have stamps: `stamps` says them, or how they are made up. */
function stamping(driver: MemoryDriver, stampOf: (key: string) => string | undefined): Driver {
  return {
    ...driver,
    async *list(prefix, call) {
      for await (const info of driver.list(prefix, call)) yield { ...info, stamp: stampOf(info.key) }
    },
  }
}

function cacheOf(kept: Map<string, Uint8Array>): ManifestCache {
  return {
    get: async ({ key, stamp }) => kept.get(`${key} ${stamp}`),
    put: async ({ key, stamp }, bytes) => void kept.set(`${key} ${stamp}`, bytes),
  }
}

let driver: MemoryDriver
let kept: Map<string, Uint8Array>

beforeEach(() => {
  kept = new Map()
  driver = memoryDriver({
    objects: Array.from({ length: 20 }, (_, i) => stored(id(i), aManifest({ id: id(i) }))),
  })
})

/** How many requests one list takes, with the ids that it shows. */
async function list(source: Driver, cache: ManifestCache) {
  const before = driver.steps.length
  const { backups, damaged } = await catalogOf(await inventory(source, { cache })).list()
  const steps = driver.steps.slice(before).map(({ operation }) => operation)
  return {
    ids: backups.map((entry) => entry.id),
    damaged: damaged.map((entry) => entry.id),
    lists: steps.filter((step) => step === 'list').length,
    gets: steps.filter((step) => step === 'get').length,
  }
}

describe('with a cache', () => {
  it('the second list reads nothing', async () => {
    const source = stamping(driver, () => '1')
    const first = await list(source, cacheOf(kept))
    expect(first).toMatchObject({ lists: 1, gets: 20, damaged: [] })
    expect(await list(source, cacheOf(kept))).toEqual({ ...first, gets: 0 })
  })

  it('a thousand backups are listed the second time with one listing and no read', async () => {
    driver = memoryDriver({
      objects: Array.from({ length: 1000 }, (_, i) => stored(id(i), aManifest({ id: id(i) }))),
    })
    const source = stamping(driver, () => '1')
    expect(await list(source, cacheOf(kept))).toMatchObject({ lists: 1, gets: 1000 })
    const second = await list(source, cacheOf(kept))
    expect(second).toMatchObject({ lists: 1, gets: 0 })
    expect(second.ids).toHaveLength(1000)
  })

  it('an object without a stamp is read each time', async () => {
    const source = stamping(driver, () => undefined)
    await list(source, cacheOf(kept))
    expect(kept.size).toBe(0)
    expect(await list(source, cacheOf(kept))).toMatchObject({ gets: 20 })
  })

  it('a replaced object is read again', async () => {
    const stamps = new Map<string, string>()
    const source = stamping(driver, (key) => stamps.get(key) ?? '1')
    await list(source, cacheOf(kept))
    const [key, bytes] = stored(id(3), aManifest({ id: id(3), metadata: { note: 'another' } }))
    driver.objects.set(key, bytes)
    stamps.set(key, '2')
    const { backups } = await catalogOf(await inventory(source, { cache: cacheOf(kept) })).list()
    expect(backups.find((entry) => entry.id === id(3))?.manifest.metadata).toEqual({ note: 'another' })
    expect(await list(source, cacheOf(kept))).toMatchObject({ gets: 0 })
  })

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['with a bit flipped', (bytes) => bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte))],
    ['cut', (bytes) => bytes.subarray(0, -1)],
    ['empty', () => new Uint8Array()],
    ['of another backup', () => stored(id(4), aManifest({ id: id(4) }))[1]],
    ['that is none', () => Buffer.from('{"version":"1"}')],
  ])('a manifest %s is read anew', async (_, change) => {
    const source = stamping(driver, () => '1')
    const first = await list(source, cacheOf(kept))
    const [name = ''] = [...kept.keys()].filter((key) => key.startsWith(id(3)))
    kept.set(name, change(kept.get(name) ?? new Uint8Array()))
    expect(await list(source, cacheOf(kept))).toEqual({ ...first, gets: 1 })
  })

  it('a damaged manifest is not remembered', async () => {
    driver.objects.set(`${id(3)}/s3db.json`, Buffer.from('{"format":"s3db-backup/1'))
    const source = stamping(driver, () => '1')
    await list(source, cacheOf(kept))
    expect(kept.size).toBe(19)
    expect(await list(source, cacheOf(kept))).toMatchObject({ damaged: [id(3)], gets: 2 })
  })

  it('that fails, everything else works', async () => {
    const fails = async () => {
      throw new Error('EROFS')
    }
    const source = stamping(driver, () => '1')
    expect(await list(source, { get: fails, put: fails })).toMatchObject({ gets: 20, damaged: [] })
  })
})
