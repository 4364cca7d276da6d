import { describe, expect, it } from 'vitest'
import { type ErrorCode, errorTable, type Operation, operationTable } from './error-table.js'
import { BackupError, during, isBackupError } from './errors.js'

const codes = Object.keys(errorTable) as ErrorCode[]
const operations = Object.keys(operationTable) as Operation[]

describe('BackupError', () => {
  it.each(codes)('of code %s has everything that the documentation names', (code) => {
    for (const operation of operations) {
      const error = new BackupError(code, 'words', { operation })
      expect(error).toMatchObject({ name: 'BackupError', code, message: 'words', operation, metadata: {} })
      expect(error.statusCode).toBeGreaterThanOrEqual(400)
      expect(error.statusCode).toBeLessThan(600)
      expect(typeof error.retriable).toBe('boolean')
      expect(error.suggestion).not.toBe('')
      expect(error.description).not.toBe('')
    }
  })

  it.each<[ErrorCode, Operation, number, boolean]>([
    ['invalid_options', 'validateConfig', 400, false],
    ['unavailable', 'upload', 502, true],
    ['no_space', 'upload', 502, true],
    ['no_space', 'restore', 507, false],
    ['not_found', 'restore', 404, false],
    ['corrupt', 'verify', 422, false],
    ['unavailable', 'list', 503, true],
  ])('of %s during %s answers with %d', (code, operation, statusCode, retriable) => {
    expect(new BackupError(code, '', { operation })).toMatchObject({ statusCode, retriable })
  })

  it('keeps what it knows when it learns more', () => {
    const cause = new Error('EIO')
    const first = new BackupError('unavailable', 'words', {
      metadata: { key: 'a' },
      suggestion: 'Wait.',
      cause,
    })
    const second = first.with({ operation: 'upload', driver: 's3', metadata: { bucket: 'b' } })
    expect(second).toMatchObject({
      code: 'unavailable',
      message: 'words',
      operation: 'upload',
      driver: 's3',
      suggestion: 'Wait.',
      metadata: { key: 'a', bucket: 'b' },
      cause,
      stack: first.stack,
    })
    expect(second.with({ metadata: { key: 'z' } }).metadata).toEqual({ key: 'z', bucket: 'b' })
    expect(first.metadata).toEqual({ key: 'a' })
  })

  it('takes the suggestion of its new operation, unless it has its own', () => {
    const error = new BackupError('unavailable', 'words')
    expect(error.with({ operation: 'upload' }).suggestion).toBe(operationTable.upload.suggestion)
  })

  it('is written to JSON with all its fields, the cause as its message', () => {
    const error = new BackupError('corrupt', 'words', {
      operation: 'verify',
      driver: 's3',
      cause: new Error('EIO'),
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'BackupError',
      code: 'corrupt',
      message: 'words',
      operation: 'verify',
      driver: 's3',
      description: 'Backup verification failed',
      statusCode: 422,
      retriable: false,
      suggestion: errorTable.corrupt.suggestion,
      metadata: {},
      cause: 'EIO',
    })
  })
})

describe('isBackupError', () => {
  it('knows errors of another copy of this package', () => {
    const stranger = Object.assign(new Error('words'), { name: 'BackupError', code: 'not_found' })
    expect(isBackupError(stranger)).toBe(true)
    expect(isBackupError(stranger, 'not_found')).toBe(true)
    expect(isBackupError(stranger, 'corrupt')).toBe(false)
  })

  it.each([null, undefined, 'BackupError', {}, new Error('x'), { name: 'BackupError', code: 'corrupt' }])(
    'does not know %j',
    (other) => {
      expect(isBackupError(other)).toBe(false)
    },
  )

  it.each(['toString', 'nonsense', 7])('does not know the code %j', (code) => {
    expect(isBackupError(Object.assign(new Error('x'), { name: 'BackupError', code }))).toBe(false)
  })
})

it('during gives our errors their operation and leaves others alone', () => {
  expect(during('restore', new BackupError('corrupt', ''))).toMatchObject({ operation: 'restore' })
  const other = new Error('x')
  expect(during('restore', other)).toBe(other)
})
