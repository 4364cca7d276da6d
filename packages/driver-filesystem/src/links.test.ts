import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guard } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { bytes, call, keys, onDisk, scratch, text } from '../test/scratch.js'
import { filesystem } from './filesystem.js'
import { sweep } from './sweep.js'

/** A root with links planted in it that lead to a secret outside. */
async function planted() {
  const outer = scratch()
  const path = join(outer, 'root')
  await mkdir(join(outer, 'outside/deep'), { recursive: true })
  await mkdir(path)
  await writeFile(join(outer, 'outside/secret'), 'secret')
  await writeFile(join(outer, 'outside/.s3db-backup.aaaaaaaaaaaaaaaaaaaaaaaa.tmp'), 'not ours')
  await symlink(join(outer, 'outside/secret'), join(path, 'file'))
  await symlink(join(outer, 'outside'), join(path, 'folder'))
  await symlink(join(outer, 'outside/nowhere'), join(path, 'dangling'))
  return { outer, path, driver: guard(filesystem({ path })) }
}

test('neither links nor their targets are listed', async () => {
  const { driver } = await planted()
  await driver.put('real', bytes('1'), { ...call, kind: 'part' })
  expect(await keys(driver)).toEqual(['real'])
  expect(await keys(driver, 'folder/')).toEqual([])
  expect(await keys(driver, 'folder/deep/')).toEqual([])
})

test.each(['file', 'dangling', 'folder', 'folder/secret', 'folder/deep/x'])(
  '%s is neither read, nor written, nor deleted',
  async (key) => {
    const { outer, path, driver } = await planted()
    const before = await onDisk(outer)
    const refusal = { code: 'permission_denied', message: expect.stringContaining('it is a symbolic link') }
    await expect(text(driver, key)).rejects.toMatchObject({
      ...refusal,
      operation: 'download',
      statusCode: 403,
    })
    await expect(driver.put(key, bytes('mine'), { ...call, kind: 'part' })).rejects.toMatchObject({
      ...refusal,
      operation: 'upload',
      statusCode: 502,
    })
    await expect(driver.delete(key, call)).rejects.toMatchObject({ ...refusal, operation: 'delete' })
    expect(await onDisk(outer)).toEqual(before)
    expect(await readFile(join(outer, 'outside/secret'), 'utf8')).toBe('secret')
    expect(await readlink(join(path, 'file'))).toBe(join(outer, 'outside/secret'))
  },
)

test('a sweep does not follow them either', async () => {
  const { outer, path } = await planted()
  const before = await onDisk(outer)
  await sweep({ path, olderThanMs: -1000 })
  expect(await onDisk(outer)).toEqual(before)
})

test('the root itself may be a link', async () => {
  const outer = scratch()
  await mkdir(join(outer, 'disk'))
  await symlink(join(outer, 'disk'), join(outer, 'backups'))
  const driver = filesystem({ path: join(outer, 'backups') })
  await driver.put('a/b', bytes('1'), { ...call, kind: 'part' })
  expect(await keys(driver)).toEqual(['a/b'])
  expect(await text(driver, 'a/b')).toBe('1')
  expect(await onDisk(join(outer, 'disk'))).toEqual(['a', 'a/b'])
})
