import { expect, it } from 'vitest'
import { clientError } from './client-errors.js'

const call = { signal: new AbortController().signal }

function failure(fields: object): unknown {
  return clientError(Object.assign(new Error('it failed'), fields), call, 'write a/b')
}

it.each([
  { code: 'ENOSPC' },
  { code: 'EDQUOT' },
  { code: 'QuotaExceeded', statusCode: 403 },
  { code: 'XMinioStorageFull', statusCode: 507 },
  { name: 'Unknown', statusCode: 507 },
])('a database that has no room is reported as full, not as out of reach: %j', (fields) => {
  const expected = { code: 'no_space', metadata: { wholeStorage: true } }
  expect(failure(fields)).toMatchObject(expected)
  // s3db.js wraps what its storage throws.
  expect(failure({ original: Object.assign(new Error('inner'), fields) })).toMatchObject(expected)
})

it('a database on a read-only disk may not be written, as a whole', () => {
  const expected = { code: 'permission_denied', metadata: { wholeStorage: true } }
  expect(failure({ code: 'EROFS' })).toMatchObject(expected)
})

it('a storage that is out of reach is unavailable, and one object that is refused is neither', () => {
  expect(failure({ code: 'ECONNREFUSED' })).toMatchObject({ code: 'unavailable' })
  const refused = { code: 'internal', metadata: { wholeStorage: false } }
  expect(failure({ code: 'ENAMETOOLONG' })).toMatchObject(refused)
})
