import { createServer } from 'node:net'
import { type BackupError, isBackupError } from '@s3db-backup/core'
import { Database } from 's3db.js'
import { expect, test } from 'vitest'
import { clientError } from './client-errors.js'

const call = { signal: new AbortController().signal }

/** What the client of s3db.js says of a database that it cannot read, as one of our errors. */
async function errorOf(connectionString: string): Promise<BackupError> {
  const database = new Database({ connectionString, logLevel: 'silent', exitOnSignal: false })
  const failed = await database.connect().then(
    () => undefined,
    (error: unknown) => error,
  )
  const error = clientError(failed, call, 'read s3db.json')
  if (!isBackupError(error)) throw new Error('this database can be read', { cause: failed })
  return error
}

test('a server that does not run is named, with what to check, without the stack of s3db.js', async () => {
  const { code, message, suggestion } = await errorOf('http://KEY:SECRET@127.0.0.1:1/shop/db')
  expect(message).toBe(
    'Cannot read s3db.json of the database: cannot connect to 127.0.0.1:1 (connection refused)',
  )
  expect(code).toBe('unavailable')
  expect(suggestion).toMatch(/^Check the host and port in the connection string of the database/)
})

test('a host that does not exist is named', async () => {
  const { message } = await errorOf('http://KEY:SECRET@no-such-host.invalid/shop/db')
  expect(message).toMatch(/: cannot connect to no-such-host\.invalid \((unknown host|the name)/)
})

test('a server without TLS at an https address is not called a defect', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { code, message, suggestion } = await errorOf(`https://KEY:SECRET@127.0.0.1:${port}/shop/db`)
    expect(message).toBe(
      'Cannot read s3db.json of the database: cannot connect to the server (it does not speak TLS)',
    )
    expect(code).toBe('invalid_options')
    expect(suggestion).toContain('http://')
  } finally {
    server.close()
  }
})

test('no message of any wrapped error has a stack or the words around it', () => {
  const inner = new Error('the disk failed')
  const wrap = (message: string, original: Error) => Object.assign(new Error(message), { original })
  const middle = wrap(`Unknown error: ${inner.message} | Code: EDISK | Stack: Error: the disk failed`, inner)
  const outer = wrap(`Unknown error: ${middle.message} | Status: 500 | Stack: UnknownError: x`, middle)
  expect(clientError(outer, call, 'read users/ann')).toMatchObject({
    message: 'Cannot read users/ann of the database: the disk failed',
    cause: outer,
  })
})

test('a bucket that does not exist is named, with what to check', () => {
  const original = Object.assign(new Error('UnknownError'), { name: 'NoSuchBucket', BucketName: 'shop' })
  const outer = new Error('Bucket does not exists [bucket:shop]')
  expect(clientError(Object.assign(outer, { original }), call, 'read s3db.json')).toMatchObject({
    code: 'unavailable',
    message: 'Cannot read s3db.json of the database: the bucket shop does not exist',
    suggestion: 'Check the bucket and the server in the connection string of the database.',
    metadata: { wholeStorage: true },
  })
})

test('a message without a stack stays unchanged', () => {
  expect(clientError(new Error('Access denied'), call, 'write a')).toMatchObject({
    message: 'Cannot write a of the database: Access denied',
  })
})

function failure(fields: object): unknown {
  return clientError(Object.assign(new Error('it failed'), fields), call, 'write a/b')
}

test.each([
  { code: 'ENOSPC' },
  { code: 'EDQUOT' },
  { code: 'QuotaExceeded', statusCode: 403 },
  { code: 'XMinioStorageFull', statusCode: 507 },
  { name: 'Unknown', statusCode: 507 },
  // As s3db.js says it.
  { code: 'ServiceUnavailable', statusCode: 503, original: Object.assign(new Error(), { code: 'ENOSPC' }) },
])('a database that has no room is reported as full, not as out of reach: %j', (fields) => {
  const expected = { code: 'no_space', metadata: { wholeStorage: true } }
  expect(failure(fields)).toMatchObject(expected)
  // s3db.js wraps what its storage throws.
  expect(failure({ original: Object.assign(new Error('inner'), fields) })).toMatchObject(expected)
})

test('a database on a read-only disk may not be written, as a whole', () => {
  const expected = { code: 'permission_denied', metadata: { wholeStorage: true } }
  expect(failure({ code: 'EROFS' })).toMatchObject(expected)
})

test('a storage that is out of reach is unavailable, and one object that is refused is neither', () => {
  expect(failure({ code: 'ECONNREFUSED' })).toMatchObject({ code: 'unavailable' })
  const refused = { code: 'internal', metadata: { wholeStorage: false } }
  expect(failure({ code: 'ENAMETOOLONG' })).toMatchObject(refused)
})
