import { describe, expect, it } from 'vitest'
import { aManifest, stored } from '../../test/manifests.js'
import { memoryDriver } from '../../test/memory-driver.js'
import { BackupError } from '../errors.js'
import type { Manifest } from '../manifest.js'
import { openCatalog } from './catalog.js'

/** A backup of its own directory, as an entry of a store. */
function backupAt(directory: string, more: Partial<Manifest> = {}) {
  const id = directory.slice(directory.lastIndexOf('/') + 1)
  return stored(directory, aManifest({ id, ...more }))
}

const catalogOf = (...objects: (readonly [string, Uint8Array])[]) => openCatalog(memoryDriver({ objects }))
const madeId = 'full-2024-03-15T14-30-45-abc123'
const at = (minute: number) => new Date(Date.UTC(2024, 2, 15, 14, minute)).toISOString()

describe('list', () => {
  it('of an empty destination is empty', async () => {
    expect(await catalogOf().list()).toEqual({ backups: [], damaged: [] })
  })

  it('names the manifests that may not be read, if asked for them, and fails for the first otherwise', async () => {
    const driver = memoryDriver({
      objects: [
        backupAt('a', { exportedAt: at(1) }),
        backupAt('b', { exportedAt: at(2) }),
        backupAt('c', { exportedAt: at(3) }),
        ['full-2024-03-15T14-30-45-abc123/s3db.json', Buffer.from('{')],
      ],
      onStep: ({ operation, key }) => {
        if (operation === 'get' && key === 'b/s3db.json')
          throw new BackupError('permission_denied', `May not read ${key}`)
      },
    })
    const catalog = openCatalog(driver)
    const ids = async (options: Parameters<typeof catalog.list>[0]) => {
      const { backups, damaged } = await catalog.list({ deniedToo: true, ...options })
      return [backups.map(({ id }) => id), damaged.map(({ id, problem }) => [id, problem.code])]
    }
    const denied = ['b', 'permission_denied']
    expect(await ids({})).toEqual([
      ['c', 'a'],
      [[madeId, 'corrupt'], denied],
    ])
    expect(await ids({ limit: 1 })).toEqual([['c'], [denied]])
    expect(await ids({ prefix: 'c' })).toEqual([['c'], []])
    const refused = { code: 'permission_denied', message: 'May not read b/s3db.json' }
    await expect(catalog.list({ deniedToo: true, prefix: 'b' })).rejects.toMatchObject(refused)
    await expect(catalog.list()).rejects.toMatchObject(refused)
    await expect(catalog.get('b')).rejects.toMatchObject(refused)
    expect(await catalog.get('a')).toMatchObject({ id: 'a' })
  })

  it('finds backups at any depth, newest first', async () => {
    const catalog = catalogOf(
      backupAt('2024/03/b', { exportedAt: at(2) }),
      backupAt('a', { exportedAt: at(1) }),
      backupAt('2024-03-15/full/c', { exportedAt: at(3) }),
    )
    const { backups } = await catalog.list()
    expect(backups.map(({ id, directory }) => [id, directory])).toEqual([
      ['c', '2024-03-15/full/c'],
      ['b', '2024/03/b'],
      ['a', 'a'],
    ])
  })

  it('sorts by time, not by its spelling, and by id if the times are equal', async () => {
    const catalog = catalogOf(
      backupAt('a', { exportedAt: '2024-03-15T14:30:45Z' }),
      backupAt('b', { exportedAt: '2024-03-15T14:30:45.500Z' }),
      backupAt('c', { exportedAt: '2024-03-15T14:30:45.5Z' }),
    )
    expect((await catalog.list()).backups.map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })

  it('skips other files, other databases and a manifest without a directory', async () => {
    const [, bytes] = backupAt('x')
    const catalog = catalogOf(
      ['s3db.json', bytes],
      ['mydb/s3db.json', Buffer.from('{"version":"1","s3dbVersion":"13","resources":{}}')],
      ['mydb/resource=users/data/id=1', Buffer.alloc(0)],
      ['notes/xs3db.json', bytes],
      ['a b/s3db.json', bytes],
      ['full/users.jsonl.gz', Buffer.alloc(5)],
    )
    expect(await catalog.list()).toEqual({ backups: [], damaged: [] })
  })

  it('lists damaged backups separately, and says what is wrong', async () => {
    const [key, bytes] = backupAt('mine')
    const catalog = catalogOf(
      backupAt('good'),
      [key, bytes.subarray(0, -1)],
      [`${madeId}/s3db.json`, Buffer.alloc(0)],
      ['other/s3db.json', bytes],
      ['garbage/s3db.json', Buffer.from('{"format":"s3db')],
    )
    const { backups, damaged } = await catalog.list()
    expect(backups.map(({ id }) => id)).toEqual(['good'])
    expect(damaged.map(({ id, problem }) => [id, problem.code, problem.metadata.backupId])).toEqual(
      [madeId, 'garbage', 'mine', 'other'].map((id) => [id, 'corrupt', id]),
    )
  })

  it('lists backups of a newer format separately', async () => {
    const newer = Buffer.from('{"format":"s3db-backup/2"}')
    const { damaged } = await catalogOf(['a/s3db.json', newer]).list()
    expect(damaged.map(({ problem }) => problem.code)).toEqual(['incompatible_format'])
  })

  it('skips a backup that is removed meanwhile', async () => {
    const driver = memoryDriver({ objects: [backupAt('a'), backupAt('b')] })
    const get: typeof driver.get = (key, call) => {
      driver.objects.delete('a/s3db.json')
      return driver.get(key, call)
    }
    const { backups } = await openCatalog({ ...driver, get }).list()
    expect(backups.map(({ id }) => id)).toEqual(['b'])
  })

  it('fails if a manifest cannot be read at all: a shorter list would be a lie', async () => {
    const driver = memoryDriver({ objects: [backupAt('a'), backupAt('b')] })
    const get: typeof driver.get = (key, call) => {
      if (key === 'a/s3db.json') throw new Error('EIO')
      return driver.get(key, call)
    }
    await expect(openCatalog({ ...driver, get }).list()).rejects.toMatchObject({ message: 'memory: EIO' })
  })

  it('can be aborted', async () => {
    const reason = new Error('stop')
    await expect(catalogOf(backupAt('a')).list({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})

describe('get', () => {
  it('gives the backup, its directory and its checksum', async () => {
    const [key, bytes] = backupAt('2024/a')
    const entry = await catalogOf([key, bytes]).get('a')
    expect(entry).toMatchObject({ id: 'a', directory: '2024/a', manifestBytes: bytes.byteLength })
    expect(String(bytes)).toContain(`"checksum": "${entry.checksum}"`)
  })

  it.each(['b', '2024', 'mydb'])('says that %s is not found', async (id) => {
    const catalog = catalogOf(backupAt('2024/a'), ['mydb/s3db.json', Buffer.from('{}')])
    await expect(catalog.get(id)).rejects.toMatchObject({
      code: 'not_found',
      message: `Backup '${id}' not found`,
      operation: 'status',
      metadata: { backupId: id },
    })
  })

  it.each(['', '../a', 'a/b', 'a\0', '.', '..', 'a..b', '-a', 'a'.repeat(201), 7, null, undefined])(
    'refuses %j as an id, without I/O',
    async (id) => {
      const driver = memoryDriver()
      await expect(openCatalog(driver).get(id as string)).rejects.toMatchObject({ code: 'invalid_options' })
      expect(driver.steps).toEqual([])
    },
  )

  it('treats copies as one backup, and returns the directory with the most of its parts', async () => {
    const part = Buffer.alloc(100)
    const catalog = catalogOf(
      backupAt('a/a'),
      backupAt('z/copy/a'),
      ['z/copy/a/users.jsonl.gz', part],
      backupAt('m/a'),
      ['m/a/users.jsonl.gz', part],
      backupAt('cut/a'),
      ['cut/a/users.jsonl.gz', part.subarray(1)],
      backupAt('b'),
    )
    const copies = [
      { directory: 'z/copy/a', complete: true },
      { directory: 'a/a', complete: false },
      { directory: 'cut/a', complete: false },
    ]
    const { backups } = await catalog.list()
    expect(backups.map(({ id, directory }) => [id, directory])).toEqual([
      ['b', 'b'],
      ['a', 'm/a'],
    ])
    expect(backups).toMatchObject([{}, { copies }])
    expect(backups[0]).not.toHaveProperty('copies')
    expect((await catalog.list({ limit: 2 })).backups).toEqual(backups)
    expect(await catalog.get('a')).toMatchObject({ directory: 'm/a', copies })
  })

  it('does not choose between two backups of one id', async () => {
    const other = backupAt('2025/a', { metadata: { other: true } })
    const catalog = catalogOf(backupAt('2024/a'), other, backupAt('b'))
    expect((await catalog.list()).backups).toHaveLength(3)
    await expect(catalog.get('a', { operation: 'restore' })).rejects.toMatchObject({
      code: 'conflict',
      operation: 'restore',
      metadata: { directories: ['2024/a', '2025/a'] },
    })
    expect((await catalog.get('b')).id).toBe('b')
  })

  it('is not confused by a database of the same name', async () => {
    const catalog = catalogOf(['mydb/a/s3db.json', Buffer.from('{}')], backupAt('a'))
    expect((await catalog.get('a')).directory).toBe('a')
  })

  it('says what is wrong with a damaged one', async () => {
    const [key, bytes] = backupAt('a')
    const catalog = catalogOf([key, bytes.subarray(1)])
    await expect(catalog.get('a', { operation: 'verify' })).rejects.toMatchObject({
      code: 'corrupt',
      operation: 'verify',
    })
  })
})

describe('chain', () => {
  const chainOf = (...links: [string, string | null][]) =>
    links.map(([id, parent]) => backupAt(`x/${id}`, { parent }))

  it('of a full backup is itself', async () => {
    expect((await catalogOf(...chainOf(['a', null])).chain('a')).map(({ id }) => id)).toEqual(['a'])
  })

  it('reaches back to the full backup, which comes first', async () => {
    const catalog = catalogOf(...chainOf(['c', 'b'], ['a', null], ['b', 'a'], ['z', 'a']))
    expect((await catalog.chain('c')).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('lists the destination once, however long it is', async () => {
    const links = Array.from({ length: 20 }, (_, i): [string, string | null] => [
      `n${i}`,
      i === 0 ? null : `n${i - 1}`,
    ])
    const driver = memoryDriver({ objects: chainOf(...links) })
    expect(await openCatalog(driver).chain('n19')).toHaveLength(20)
    expect(driver.steps.filter(({ operation }) => operation === 'list')).toHaveLength(1)
  })

  it.each<[string, [string, string | null][], string]>([
    ['is missing', [['c', 'b']], 'b'],
    [
      'further up is missing',
      [
        ['c', 'b'],
        ['b', 'a'],
      ],
      'a',
    ],
    [
      'is its own ancestor',
      [
        ['c', 'b'],
        ['b', 'c'],
      ],
      'c',
    ],
    ['is itself', [['c', 'c']], 'c'],
    ['cannot be an id', [['c', '../../etc']], '../../etc'],
  ])('is broken when an ancestor %s', async (_, links, missing) => {
    await expect(catalogOf(...chainOf(...links)).chain('c')).rejects.toMatchObject({
      code: 'broken_chain',
      metadata: { backupId: 'c', missing },
    })
  })

  it('is broken when an ancestor is damaged', async () => {
    const [key, bytes] = backupAt('x/b')
    const catalog = catalogOf(...chainOf(['c', 'b']), [key, bytes.subarray(1)])
    await expect(catalog.chain('c')).rejects.toMatchObject({
      code: 'broken_chain',
      message: "Backup 'c' needs 'b', which is damaged",
    })
  })
})
