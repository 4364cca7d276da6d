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

test.each([
  's3://KEY:SECRET@bucket/path',
  'https://KEY:SECRET@localhost:9000/bucket/path?forcePathStyle=true',
  'file:///srv/app',
  'file://./data',
  's3://KEY:a%2Fb%2Bc@bucket',
])('%s is a connection string', (connection) => {
  expect(checkConnection(connection)).toBe(connection)
})

test('an invalid connection string is refused with the valid forms, and never quoted', () => {
  expect(refusal('AKIA:hunter2hunter2@bucket')).toMatch(/no scheme.*s3:\/\/KEY:SECRET@bucket\/path/)
  expect(refusal('AKIA:hunter2hunter2@bucket')).not.toContain('hunter2')
  expect(refusal('s4://AKIA:hunter2hunter2@bucket')).toMatch(/s4:\/\/ \(did you mean "s3"\?\)/)
  expect(refusal('s4://AKIA:hunter2hunter2@bucket')).not.toContain('hunter2')
  expect(refusal('s3://AKIA:hun/ter@bucket')).toMatch(/percent-encoded: %2F/)
  expect(refusal('s3://AKIA:hun/ter@bucket')).not.toContain('hun/ter')
})

test('addresses that s3db.js would misread are refused', () => {
  expect(refusal('file://')).toMatch(/names no database/)
  expect(refusal('file:///')).toMatch(/names no database/)
})

test('a memory:// database cannot be reached from outside its process', () => {
  expect(refusal('memory://app')).toMatch(/exists only inside its own process.*plugin/)
})

test('a missing connection gives advice', () => {
  expect(refusal(undefined)).toMatch(/--connection <url> or set S3DB_CONNECTION/)
})
