import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isBackupError, openCatalog } from '@s3db-backup/core'
import { memory } from '@s3db-backup/driver-testkit'
import { describe, expect, test } from 'vitest'
import { databaseSource } from '../src/index.js'
import { listObjects } from '../src/listing/listing.js'
import {
  backUp,
  call,
  type DatabaseOptions,
  open,
  openNew,
  ours,
  restoreInto,
  scratch,
  stored,
} from './databases.js'

/** A database in files with a resource `notes` that has some records, and the folder of their files. */
async function notes(ids: readonly string[], options: DatabaseOptions = {}) {
  const root = scratch()
  const database = await open(`file://${root}/db`, options)
  const resource = await database.createResource({
    name: 'notes',
    behavior: 'body-overflow',
    attributes: { text: 'string|required' },
  })
  for (const id of ids) await resource.insert({ id, text: `note ${id}` })
  return { database, resource, folder: findFolder(root), connection: `file://${root}/db` }
}

function findFolder(root: string): string {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).find(
    ({ name, parentPath }) => name.startsWith('id=') && parentPath.endsWith('/data'),
  )
  return found?.parentPath ?? join(root, 'db', 'resource=notes', 'data')
}

const idsOf = async (database: Awaited<ReturnType<typeof open>>) => {
  const found: string[] = []
  for await (const { rows } of databaseSource(ours(database)).read('notes', call))
    found.push(...rows.map(({ id }) => id))
  return found
}

describe('a folder of a database that is a link to another disk', () => {
  test.each(['data', 'resource=notes'])('is read like any other: %s', async (name) => {
    const { database, folder } = await notes(['a', 'b'])
    const moved = join(scratch(), 'moved')
    const place = name === 'data' ? folder : dirname(folder)
    renameSync(place, moved)
    symlinkSync(moved, place)
    expect(await database.resources.notes?.listIds()).toHaveLength(2)
    expect(await idsOf(database)).toEqual(['a', 'b'])
  })

  test('leads nobody round in circles', async () => {
    const { database, folder } = await notes(['a'])
    symlinkSync(folder, join(folder, 'around'))
    symlinkSync(dirname(dirname(folder)), join(folder, 'up'))
    expect(await idsOf(database)).toEqual(['a'])
  })

  test('that leads nowhere any more is no empty folder', async () => {
    const { database, folder } = await notes(['a'])
    const moved = join(scratch(), 'moved')
    renameSync(folder, moved)
    symlinkSync(moved, folder)
    rmSync(moved, { recursive: true })
    await expect(backUp(database)).rejects.toMatchObject({
      code: 'unavailable',
      message: /link .*data.* leads to nothing/,
    })
  })
})

describe('in place of a folder of a database', () => {
  test.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link to a file', (path: string) => symlinkSync('/etc/hostname', path)],
    ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ])('%s is no empty folder', async (_, put) => {
    for (const which of [(folder: string) => folder, dirname]) {
      const { database, folder } = await notes(['a'])
      const place = which(folder)
      renameSync(place, join(scratch(), 'moved'))
      put(place)
      await expect(backUp(database)).rejects.toMatchObject({
        code: 'unavailable',
        message: `${place} is not a folder, and the database has its records there`,
      })
    }
  })
})

describe('a database in files', () => {
  test('returns the same objects as the client of s3db.js', async () => {
    const { database, resource } = await notes(['a', 'b', 'ü', 'Z', '1'])
    await resource.insert({ id: 'long', text: 'x'.repeat(5000) })
    await resource.setContent({
      id: 'a',
      buffer: Buffer.from([0, 255, 10]),
      contentType: 'application/x-odd',
    })
    const direct = await stored(database)
    const listed: string[] = []
    for await (const objects of listObjects(ours(database).client, '', call))
      listed.push(...objects.map(({ key }) => key))
    const answer = await database.client.listObjects({ maxKeys: 2_147_483_647 })
    expect(listed.toSorted()).toEqual((answer.Contents ?? []).map(({ Key }) => Key).toSorted())
    for (const [key, object] of direct) {
      const given = await database.client.getObject(key)
      expect(object.metadata, key).toEqual(given.Metadata)
      expect(object.contentType, key).toBe(given.ContentType)
      const body = (await given.Body?.transformToByteArray?.()) ?? new Uint8Array(0)
      expect(Buffer.from(object.body).equals(Buffer.from(body)), key).toBe(true)
    }
  })

  test.each([
    ['is missing', (path: string) => rmSync(path)],
    ['is empty', (path: string) => writeFileSync(path, '')],
    ['is cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20))],
    ['is JSON of something else', (path: string) => writeFileSync(path, '[1]')],
  ])('a record whose metadata file %s is lost, by name, and the others are kept', async (_, spoil) => {
    const { database, folder } = await notes(['a', 'b', 'c'])
    spoil(join(folder, 'id=b.meta.json'))
    const driver = memory()
    const failure = await backUp(database, driver).catch((error: unknown) => error)
    expect(isBackupError(failure, 'incomplete')).toBe(true)
    expect(JSON.stringify(failure)).toContain(join(folder, 'id=b.meta.json'))
    const [made] = (await openCatalog(driver).list()).backups
    const target = await openNew('file')
    await restoreInto(target, { driver, id: made?.id ?? '' }, { allowIncomplete: true })
    expect(await idsOf(target)).toEqual(['a', 'c'])
  })

  test('a record whose metadata cannot be read on the day of an incremental backup is lost, not deleted', async () => {
    const { database, folder } = await notes(['a', 'b', 'c'])
    const driver = memory()
    await backUp(database, driver)
    writeFileSync(join(folder, 'id=b.meta.json'), '{')
    const marks = [
      { id: 'a', modified: 0, hash: '' },
      { id: 'b', modified: 0, hash: '' },
      { id: 'c', modified: 0, hash: '' },
    ]
    const source = databaseSource(ours(database))
    const since = {
      index: (async function* () {
        yield marks
      })(),
      cursor: undefined,
    } as never
    const deleted: string[] = []
    const lost: string[] = []
    for await (const batch of source.read('notes', { ...call, since })) {
      deleted.push(...(batch.deleted ?? []).map(({ id }) => id))
      lost.push(...(batch.lost ?? []).map(({ id }) => id))
    }
    expect({ deleted, lost }).toEqual({ deleted: [], lost: ['b'] })
  })

  test.each(['[]', '["a"]', '"a"', '1', 'true'])(
    'a record whose metadata is %s is lost by name, and the others are backed up',
    async (metadata) => {
      const { database, folder } = await notes(['a', 'b'])
      const file = join(folder, 'id=a.meta.json')
      const content: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'))
      writeFileSync(file, JSON.stringify({ ...content, metadata: JSON.parse(metadata) }))
      const failure = await backUp(database).catch((error: unknown) => error)
      expect(isBackupError(failure, 'incomplete')).toBe(true)
      expect(JSON.stringify(failure)).toContain(`${file} is not what s3db.js writes`)
      expect(await idsOf(database)).toEqual(['b'])
    },
  )

  test('a record whose id ends in .meta.json is a record like any other', async () => {
    const { database } = await notes(['a', 'b.meta.json', 'c.meta.json.meta.json'])
    expect(await idsOf(database)).toEqual(['a', 'b.meta.json', 'c.meta.json.meta.json'])
  })

  test('a record whose id looks like a temporary file is a record; a temporary file is not', async () => {
    const odd = 'a.tmp.1700000000000.abcdef'
    const { database, folder } = await notes(['a', odd])
    writeFileSync(join(folder, 'id=z.tmp.1700000000000.AbC-12'), 'half')
    writeFileSync(join(folder, 'id=z.meta.json.tmp.1700000000000.AbC-12'), '{')
    expect(await idsOf(database)).toEqual(['a', odd])
  })

  test('a record that has lost its body but not its metadata is deleted, as s3db.js sees it', async () => {
    const { database, folder, resource } = await notes(['a', 'b'])
    rmSync(join(folder, 'id=a'))
    await expect(resource.get('a')).rejects.toThrow()
    expect(await idsOf(database)).toEqual(['b'])
  })

  test('a body and metadata of different versions are read again until they agree', async () => {
    const { database, folder, resource } = await notes([])
    await resource.insert({ id: 'a', text: 'old '.repeat(2000) })
    const path = join(folder, 'id=a')
    const oldMetadata = readFileSync(`${path}.meta.json`)
    await resource.update('a', { text: 'new '.repeat(2000) })
    const newMetadata = readFileSync(`${path}.meta.json`)
    writeFileSync(`${path}.meta.json`, oldMetadata)
    setTimeout(() => {
      writeFileSync(`${path}.next`, newMetadata)
      renameSync(`${path}.next`, `${path}.meta.json`)
    }, 50)
    const [row] = await rowsOf(database)
    expect(row?.text).toBe('new '.repeat(2000).trim())
  })

  test('metadata that never matches its body is lost, and both files are named', async () => {
    const { database, folder, resource } = await notes([])
    await resource.insert({ id: 'a', text: 'old '.repeat(2000) })
    const path = join(folder, 'id=a')
    writeFileSync(path, 'somebody else was here')
    const failure = await backUp(database).catch((error: unknown) => error)
    expect(isBackupError(failure, 'incomplete')).toBe(true)
    expect(JSON.stringify(failure)).toContain(`${path}.meta.json`)
  })

  test('a missing folder is not an empty database', async () => {
    const { database, folder } = await notes(['a', 'b'])
    const root = folder.slice(0, folder.indexOf('/resource='))
    renameSync(root, `${root}-unmounted`)
    const failure = await backUp(database).catch((error: unknown) => error)
    expect(isBackupError(failure, 'unavailable') && failure.message).toContain(root)
  })

  test('compressed bodies are read as they were before they were compressed', async () => {
    const { database, resource } = await notes([], {
      clientOptions: { compression: { enabled: true } },
    })
    await resource.insert({ id: 'a', text: 'long '.repeat(2000) })
    const [row] = await rowsOf(database)
    expect(row?.text).toBe('long '.repeat(2000).trim())
  })

  test('the client’s copy of an overwritten object is not a record', async () => {
    const { database, folder, resource } = await notes(['a'], {
      clientOptions: { backup: { enabled: true } },
    })
    await resource.update('a', { text: 'second' })
    expect(existsSync(join(folder, 'id=a.bak'))).toBe(true)
    expect(await idsOf(database)).toEqual(['a'])
  })

  test('a foreign folder below the records is ignored', async () => {
    const { database, folder } = await notes(['a'])
    mkdirSync(join(folder, 'lost+found'))
    writeFileSync(join(folder, '.DS_Store'), 'x')
    expect(await idsOf(database)).toEqual(['a'])
  })
})

async function rowsOf(database: Awaited<ReturnType<typeof open>>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const { rows } of databaseSource(ours(database)).read('notes', call)) found.push(...rows)
  return found
}
