import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, call, keys, onDisk, scratch, text } from '../test/scratch.js'
import { filesystem } from './filesystem.js'

// Every put waits for the disk, and the disk may be busy.
describe('files', () => {
  test('a key is the path of the file below the root, and the file has exactly the bytes', async () => {
    const path = scratch()
    await filesystem({ path }).put('2024/03/full-1/users.jsonl', bytes('{"id":"1"}\n', '{"id":"2"}\n'), {
      ...call,
      kind: 'part',
    })
    expect(await readFile(join(path, '2024/03/full-1/users.jsonl'), 'utf8')).toBe('{"id":"1"}\n{"id":"2"}\n')
  })

  test('a small file takes little memory, and a large one is read in large pieces', async () => {
    const driver = filesystem({ path: scratch() })
    const read = async (length: number) => {
      const key = `folder/of-${length}`
      await driver.put(key, bytes('x'.repeat(length)), { ...call, kind: 'part' })
      const chunks: Uint8Array[] = []
      for await (const chunk of driver.get(key, { ...call, kind: 'part' })) chunks.push(chunk)
      expect(Buffer.concat(chunks)).toEqual(Buffer.alloc(length, 'x'))
      return chunks
    }
    const [small, ...more] = await read(1000)
    expect(small?.buffer.byteLength).toBeLessThan(64 * 1024)
    expect(more).toEqual([])
    expect((await read(5_000_000)).length).toBeLessThan(25)
  })

  test('what was read stays as it was, however many files are read after it or beside it', async () => {
    const driver = filesystem({ path: scratch() })
    const lengths = [0, 1, 1000, 8191, 8192, 8193, 16_383, 16_384, 16_385, 300_000]
    for (const [at, length] of lengths.entries())
      await driver.put(`of-${length}`, bytes(String(at).repeat(length)), { ...call, kind: 'part' })
    const chunksOf = async (length: number) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of driver.get(`of-${length}`, { ...call, kind: 'part' })) chunks.push(chunk)
      return chunks
    }
    const one = fc.asyncProperty(fc.array(fc.constantFrom(...lengths), { maxLength: 20 }), async (chosen) => {
      const beside = await Promise.all(chosen.map(chunksOf))
      for (const length of chosen) await chunksOf(length)
      for (const [turn, chunks] of beside.entries()) {
        const length = chosen[turn] ?? 0
        expect(Buffer.concat(chunks)).toEqual(Buffer.alloc(length, String(lengths.indexOf(length))))
      }
    })
    await fc.assert(one, { numRuns: 50 })
  })

  test('modes are 644 and 755 whatever the umask', async () => {
    const path = join(scratch(), 'new')
    await filesystem({ path }).put('folder/file', bytes('x'), { ...call, kind: 'part' })
    expect(await modes(path)).toEqual({ root: 0o755, folder: 0o755, file: 0o644 })
  })

  test('modes can be chosen; directories that exist keep theirs', async () => {
    const path = scratch()
    await mkdir(join(path, 'folder'), { mode: 0o711 })
    await filesystem({ path, permissions: 0o600, directoryPermissions: 0o2770 }).put(
      'folder/new/file',
      bytes('x'),
      { ...call, kind: 'part' },
    )
    expect((await stat(join(path, 'folder'))).mode & 0o7777).toBe(0o711)
    expect((await stat(join(path, 'folder/new'))).mode & 0o7777).toBe(0o2770)
    expect((await stat(join(path, 'folder/new/file'))).mode & 0o7777).toBe(0o600)
  })

  test('a missing root lists nothing and is created when needed', async () => {
    const path = join(scratch(), 'not/yet/there')
    const driver = filesystem({ path })
    expect(await keys(driver)).toEqual([])
    await driver.delete('a/b', call)
    await driver.put('a/b', bytes('1'), { ...call, kind: 'part' })
    expect(await keys(driver)).toEqual(['a/b'])
  })

  test('a listing has a stamp, which changes when the file changes', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    const stamp = async () => {
      for await (const info of driver.list('a', call)) return info.stamp
      return undefined
    }
    await driver.put('a', bytes('1'), { ...call, kind: 'part' })
    const before = await stamp()
    expect(before).toMatch(/^\d+-\d+-1$/)
    expect(await stamp()).toBe(before)
    await driver.delete('a', call)
    await driver.put('a', bytes('2'), { ...call, kind: 'part' })
    expect(await stamp()).not.toBe(before)
  })

  test('delete removes directories that become empty, but not the root or others', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    await driver.put('a/b/c/1', bytes('1'), { ...call, kind: 'part' })
    await driver.put('a/2', bytes('2'), { ...call, kind: 'part' })
    await driver.delete('a/b/c/1', call)
    expect(await onDisk(path)).toEqual(['a', 'a/2'])
    await driver.delete('a/2', call)
    expect(await onDisk(path)).toEqual([])
    expect((await stat(path)).isDirectory()).toBe(true)
  })

  test('a directory is not an object', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    await mkdir(join(path, 'folder/inner'), { recursive: true })
    expect(await keys(driver)).toEqual([])
    await expect(text(driver, 'folder')).rejects.toMatchObject({ code: 'not_found', statusCode: 404 })
    await expect(driver.put('folder', bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await driver.delete('folder', call)
    await expect(text(driver, 'folder')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('a long listing is complete, and each of its entries can be deleted at once', async () => {
    const path = scratch()
    const driver = filesystem({ path })
    const wanted = Array.from({ length: 10_000 }, (_, index) => `folder-${index % 100}/${index}`)
    for (let folder = 0; folder < 100; folder++) mkdirSync(join(path, `folder-${folder}`))
    for (const key of wanted) writeFileSync(join(path, key), 'x')
    expect(await keys(driver)).toEqual([...wanted].sort())
    expect(await keys(driver, 'folder-7/')).toHaveLength(100)
    expect(await keys(driver, 'folder-7')).toHaveLength(1100)
    for await (const { key } of driver.list('folder-12', call)) await driver.delete(key, call)
    expect(await keys(driver)).toHaveLength(9900)
  })

  test('any keys are listed unchanged, and never lead out of the root', async () => {
    const outer = scratch()
    const path = join(outer, 'root')
    const driver = filesystem({ path })
    const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
    const anyKey = fc.array(fc.oneof(segment, fc.constantFrom('..', '.', '', 'a')), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(anyKey, async (segments) => {
        const key = segments.join('/')
        const stored = await driver.put(key, bytes('x'), { ...call, kind: 'part' }).then(
          () => true,
          (error: unknown) => !(error instanceof BackupError && error.code === 'invalid_options'),
        )
        if (stored) expect(await keys(driver)).toEqual([key])
        expect((await onDisk(outer)).filter((found) => !/^root($|\/)/.test(found))).toEqual([])
        if (stored) await driver.delete(key, call)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    '',
    '/',
    '/etc/x',
    'a//b',
    '../x',
    'a/../../x',
    './x',
    'a/.',
    'a\\b',
    'a\0b',
    '.s3db-backup.0123456789abcdef01234567.tmp',
  ])('the key %j is refused by every method', async (key) => {
    const driver = filesystem({ path: scratch() })
    await expect(driver.put(key, bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      code: 'invalid_options',
    })
    await expect(text(driver, key)).rejects.toMatchObject({ code: 'invalid_options' })
    await expect(driver.delete(key, call)).rejects.toMatchObject({ code: 'invalid_options' })
  })

  test.each(['../', '/', 'a/../', './', '..'])('a listing of %j yields nothing', async (prefix) => {
    const path = scratch()
    const driver = filesystem({ path: join(path, 'root') })
    await writeFile(join(path, 'outside'), 'x')
    await driver.put('inside', bytes('x'), { ...call, kind: 'part' })
    expect(await keys(driver, prefix)).toEqual([])
  })
})

async function modes(root: string) {
  const of = async (path: string) => (await stat(path)).mode & 0o7777
  return {
    root: await of(root),
    folder: await of(join(root, 'folder')),
    file: await of(join(root, 'folder/file')),
  }
}
