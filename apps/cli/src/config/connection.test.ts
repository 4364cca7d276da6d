import { isBackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { checkConnection } from './connection.js'

const refusal = (connection: string | undefined) => {
  try {
    checkConnection(connection)
  } catch (error) {
    if (isBackupError(error, 'invalid_options')) return `${error.message} ${error.suggestion}`
    throw error
  }
  throw new Error(`${connection} was accepted`)
}

test('what is no connection string of s3db.js is refused', () => {
  expect(refusal('s4://AKIA:hunter2hunter2@bucket')).toMatch(/s4:\/\/ \(did you mean "s3"\?\)/)
  expect(checkConnection('file:///srv/app')).toBe('file:///srv/app')
})

test('a memory:// database cannot be reached from outside its process', () => {
  expect(refusal('memory://app')).toMatch(/exists only inside its own process.*plugin/)
})

test('a missing connection gives advice', () => {
  expect(refusal(undefined)).toMatch(/--connection <url> or set S3DB_CONNECTION/)
})
