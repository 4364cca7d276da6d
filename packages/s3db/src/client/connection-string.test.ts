import { isBackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { checkConnectionString } from './connection-string.js'

const refusal = (text: string) => {
  try {
    checkConnectionString(text)
  } catch (error) {
    if (isBackupError(error, 'invalid_options')) return `${error.message} ${error.suggestion}`
    throw error
  }
  throw new Error(`${text} was accepted`)
}

test.each([
  's3://KEY:SECRET@bucket/path',
  'https://KEY:SECRET@localhost:9000/bucket/path?forcePathStyle=true',
  'file:///srv/app',
  'file://./data',
  's3://KEY:a%2Fb%2Bc@bucket',
  'memory://app',
])('%s is a connection string', (text) => {
  expect(() => checkConnectionString(text)).not.toThrow()
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
  expect(refusal('ftp://host/path')).toMatch(/does not support.*ftp:\/\//)
})
