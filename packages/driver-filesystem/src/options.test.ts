import { join, relative } from 'node:path'
import { BackupError } from '@s3db-backup/core'
import { describe, expect, test } from 'vitest'
import { bytes, call, onDisk, scratch } from '../test/scratch.js'
import { filesystem } from './filesystem.js'

const suggestion = 'Provide a valid config.path for the filesystem driver.'

/** What a caller without type checks passes. */
function refusal(options: unknown): BackupError {
  try {
    Reflect.apply(filesystem, undefined, [options])
  } catch (error) {
    if (error instanceof BackupError) return error
    throw error
  }
  throw new Error('the options were accepted')
}

describe('options', () => {
  test.each([null, undefined, '', 7, [], 'a\0b'])('a path %j is refused as documented', (path) => {
    expect(refusal({ path })).toMatchObject({
      name: 'BackupError',
      code: 'invalid_options',
      operation: 'validateConfig',
      driver: 'filesystem',
      statusCode: 400,
      retriable: false,
      suggestion,
      description: 'Invalid backup driver configuration',
    })
  })

  test.each([
    ['s3://backups/x', "choose the driver 's3', with bucket 'backups' and path 'x'"],
    ['S3://backups', "choose the driver 's3', with bucket 'backups'"],
    ['file:///srv/backups', 'a folder is needed, not a URL: /srv/backups'],
    ['https://storage.example/backups', 'a folder is needed, not the address https://'],
  ])('a path %s is not a folder of that name', (path, says) => {
    expect(refusal({ path })).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(says),
    })
  })

  test.each(['a:b', './s3:/x', 'C:\\backups', 'C:/backups'])('a path %s is one', (path) => {
    expect(() => filesystem({ path })).not.toThrow()
  })

  test.each([null, undefined, 'text'])('options that are not an object are refused: %j', (options) => {
    expect(refusal(options)).toMatchObject({ code: 'invalid_options', suggestion })
  })

  test('all problems are named together, with the nearest spelling', () => {
    const { message, metadata } = refusal({ path: 3, permisions: 0o600, directoryPermissions: '755' })
    expect(message).toContain('path: a directory is needed')
    expect(message).toContain('unknown option permisions (did you mean "permissions"?)')
    expect(message).toContain('directoryPermissions: a directory mode is needed')
    expect(metadata.problems).toHaveLength(3)
  })

  test('a good path is not blamed for another problem', () => {
    expect(refusal({ path: './backups', mode: 1 }).suggestion).not.toBe(suggestion)
  })

  test.each([
    { permissions: 0o200 },
    { permissions: 0o1000 },
    { directoryPermissions: 0o600 },
    { permissions: 4.5 },
  ])('invalid modes, and modes that would lock the owner out, are refused: %j', (modes) => {
    expect(refusal({ path: './backups', ...modes }).code).toBe('invalid_options')
  })

  test('a template is refused: its variables are filled in elsewhere', () => {
    expect(refusal({ path: './backups/{date}' }).message).toContain('without {variables}')
  })

  test('nothing is touched before the first call', async () => {
    const root = scratch()
    filesystem({ path: join(root, 'backups') })
    expect(await onDisk(root)).toEqual([])
  })

  test('a relative path is below the current working directory', async () => {
    const root = scratch()
    const driver = filesystem({ path: relative(process.cwd(), join(root, 'backups')) })
    await driver.put('a', bytes('1'), { ...call, kind: 'part' })
    expect(await onDisk(root)).toEqual(['backups', 'backups/a'])
  })
})
