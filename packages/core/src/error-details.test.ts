import { expect, test } from 'vitest'
import { BackupError } from './errors.js'

test('documentation of a particular failure takes precedence over the tables', () => {
  const error = new BackupError('no_space', 'two of three disks are full', {
    operation: 'backup',
    description: 'Multi-destination backup failed',
    statusCode: 502,
    retriable: true,
  })

  expect(error).toMatchObject({
    description: 'Multi-destination backup failed',
    statusCode: 502,
    retriable: true,
  })
  expect(new BackupError('no_space', 'the disk is full', { operation: 'backup' })).toMatchObject({
    description: 'Failed to create the backup',
    statusCode: 507,
    retriable: false,
  })
})

test('it stays when the error gets another operation on its way up', () => {
  const error = new BackupError('no_space', 'full', {
    description: 'Special',
    statusCode: 418,
    retriable: true,
  })

  expect(error.with({ operation: 'upload', metadata: { key: 'a' } })).toMatchObject({
    operation: 'upload',
    description: 'Special',
    statusCode: 418,
    retriable: true,
  })
})
