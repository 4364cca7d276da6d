import { execFileSync } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type Driver, guard } from '@s3db-backup/core'
import { patterned } from '@s3db-backup/driver-testkit'
import { describe, expect, onTestFinished, type TestContext, test } from 'vitest'
import { bytes, call, keys, onDisk, putElsewhere, scratch, text } from '../test/scratch.js'
import { fileError } from './errors.js'
import { filesystem } from './filesystem.js'

// Starts other processes, and the machine may be busy.
/** What the documentation promises of every upload that the storage fails. */
const failedUpload = {
  name: 'BackupError',
  operation: 'upload',
  driver: 'filesystem',
  statusCode: 502,
  retriable: true,
  description: 'Failed to upload backup file',
  suggestion: 'Check disk space/permissions or network connectivity, then retry the upload.',
}

const isRoot = process.getuid?.() === 0

/** Mounts a small file system; skips the test where that is not possible. */
function mountTiny(context: TestContext, size: string): string {
  const path = scratch()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    context.skip('mounting needs root')
  }
  onTestFinished(() => {
    execFileSync('umount', [path])
  })
  return path
}

describe('a full disk', () => {
  test('fails the upload with no_space, and everything is unchanged', async (context) => {
    const path = mountTiny(context, '512k')
    const driver = guard(filesystem({ path }))
    await driver.put('small', patterned(100_000), { ...call, kind: 'part' })
    await expect(
      driver.put('new/large', patterned(2_000_000), { ...call, kind: 'part' }),
    ).rejects.toMatchObject({
      ...failedUpload,
      code: 'no_space',
      message: `Cannot write ${path}/new/large: the disk is full. Free some space, or choose another path (ENOSPC)`,
    })
    expect(await onDisk(path)).toEqual(['small'])
    await driver.put('new/fits', patterned(100_000), { ...call, kind: 'part' })
  })

  test('is detected even if a write accepts only a part of the bytes', async (context) => {
    const path = mountTiny(context, '512k')
    const oneChunk = patterned(2_000_000, { chunk: 2_000_000 })
    await expect(
      filesystem({ path }).put('large', oneChunk, { ...call, kind: 'part' }),
    ).rejects.toMatchObject({
      code: 'no_space',
    })
    expect(await onDisk(path)).toEqual([])
  })
})

describe('a read-only disk', () => {
  test('fails the upload with permission_denied and can still be read', async (context) => {
    const path = mountTiny(context, '512k')
    const driver = guard(filesystem({ path }))
    await driver.put('a/b', bytes('kept'), { ...call, kind: 'part' })
    execFileSync('mount', ['-o', 'remount,ro', path])
    const refusal = { code: 'permission_denied', message: expect.stringContaining('read-only') }
    await expect(driver.put('a/c', bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      ...failedUpload,
      ...refusal,
    })
    await expect(driver.put('new/c', bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      ...failedUpload,
      ...refusal,
    })
    await expect(driver.delete('a/b', call)).rejects.toMatchObject({
      ...refusal,
      operation: 'delete',
      statusCode: 403,
    })
    expect(await text(driver, 'a/b')).toBe('kept')
    expect(await keys(driver)).toEqual(['a/b'])
  })
})

describe('a directory that this user may not use', () => {
  test.skipIf(!isRoot)(
    'fails the upload with permission_denied and names the path (root only: acts as another user)',
    async () => {
      const path = scratch()
      await chmod(path, 0o755)
      await mkdir(join(path, 'closed'), { mode: 0o700 })
      await mkdir(join(path, 'readable'), { mode: 0o755 })
      const nobody = { uid: 65_534, gid: 65_534 }
      for (const [key, named] of [
        ['new/x', 'new'],
        ['closed/x', 'closed/x'],
        ['readable/x', 'readable/x'],
      ] as const) {
        expect(await putElsewhere([path, key, '10'], nobody)).toMatchObject({
          code: 'permission_denied',
          statusCode: 502,
          message: expect.stringContaining(`${path}/${named}: access denied`),
        })
      }
      expect(await onDisk(path)).toEqual(['closed', 'readable'])
    },
  )
})

describe('a file where a directory should be', () => {
  test.each([
    ['as the root', 'file', 'x'],
    ['above the root', 'file/root', 'x'],
    ['below the root', '.', 'file/x'],
    ['deep below the root', '.', 'file/y/x'],
  ])('%s fails the upload with a message that says so', async (_, root, key) => {
    const path = scratch()
    await writeFile(join(path, 'file'), 'precious')
    const driver = guard(filesystem({ path: join(path, root) }))
    await expect(driver.put(key, bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      ...failedUpload,
      code: 'conflict',
      message: expect.stringContaining(`${path}/file is a file, not a directory`),
    })
    expect(await onDisk(path)).toEqual(['file'])
  })

  test('holds no objects: nothing is listed, reads say not_found, deletes resolve', async () => {
    const path = scratch()
    const driver: Driver = filesystem({ path: join(path, 'file') })
    await writeFile(join(path, 'file'), 'precious')
    expect(await keys(driver)).toEqual([])
    await expect(text(driver, 'x')).rejects.toMatchObject({ code: 'not_found', operation: 'download' })
    await driver.delete('x', call)
    expect(await onDisk(path)).toEqual(['file'])
  })
})

describe('names', () => {
  test('that are longer than the file system takes are invalid_options', async () => {
    const path = scratch()
    const key = `a/${'x'.repeat(256)}`
    await expect(filesystem({ path }).put(key, bytes('x'), { ...call, kind: 'part' })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('too long for this file system'),
    })
    expect(await onDisk(path)).toEqual([])
  })
})

describe('errors of the operating system', () => {
  test.each([
    ['ENOSPC', 'no_space'],
    ['EDQUOT', 'no_space'],
    ['EFBIG', 'no_space'],
    ['EACCES', 'permission_denied'],
    ['EPERM', 'permission_denied'],
    ['EROFS', 'permission_denied'],
    ['ENOENT', 'not_found'],
    ['ENOTDIR', 'conflict'],
    ['EEXIST', 'conflict'],
    ['EMFILE', 'unavailable'],
    ['ENFILE', 'unavailable'],
    ['EIO', 'unavailable'],
    ['ETIMEDOUT', 'unavailable'],
    ['EBUSY', 'unavailable'],
    ['ESTALE', 'unavailable'],
    ['ENAMETOOLONG', 'invalid_options'],
    ['EWHATEVER', 'internal'],
  ])('%s is %s, and the message names path and cause', (errno, code) => {
    const error = Object.assign(new Error(`${errno}: something`), { code: errno, syscall: 'write' })
    expect(fileError(error, { path: '/x/y', operation: 'list' })).toMatchObject({
      code,
      operation: 'list',
      cause: error,
      metadata: { path: '/x/y' },
      message: expect.stringMatching(new RegExp(`^Cannot list /x/y: .*\\(${errno}\\)$`)),
    })
  })

  test.each([
    ['EDQUOT', 'no_space'],
    ['ESTALE', 'unavailable'],
  ] as const)('%s is %s, even if Node knows only its number', (errno, code) => {
    const number = constants.errno[errno]
    const error = Object.assign(new Error(`Unknown system error -${number}`), {
      code: `Unknown system error -${number}`,
      errno: -number,
      syscall: 'write',
    })
    expect(fileError(error, { path: '/x/y', operation: 'upload' })).toMatchObject({
      code,
      retriable: true,
      message: expect.stringContaining(`(${errno})`),
    })
  })

  test('a call that is not the operation itself is described', () => {
    const error = Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'fsync' })
    expect(fileError(error, { path: '/x/y', operation: 'upload' })).toMatchObject({
      message:
        'Cannot write /x/y: the device failed to read or write. Check the disk (EIO, while making its bytes durable)',
    })
  })

  test('an error that is not the operating system’s stays unchanged', () => {
    const error = new Error('of somebody else')
    expect(fileError(error, { path: '/x', operation: 'list' })).toBe(error)
  })
})
