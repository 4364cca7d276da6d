import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isBackupError } from '@s3db-backup/core'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import type { QuirkName } from '../../../tooling/s3/quirks.ts'
import { testBucket } from '../test/bucket.js'
import { quirky } from '../test/quirky.js'
import { certificate } from '../test/tls.js'
import type { S3Options } from './options.js'
import { type S3Driver, s3 } from './s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const call = { signal, kind: 'part' } as const
afterAll(() => bucket.remove())

type Call = 'list' | 'put' | 'put in parts' | 'get' | 'delete'

const calls: Record<Call, (driver: S3Driver) => Promise<unknown>> = {
  async list(driver) {
    const keys: string[] = []
    for await (const { key } of driver.list('', { signal })) keys.push(key)
    return keys
  },
  put: (driver) => driver.put('x', patterned(100), call),
  'put in parts': (driver) => driver.put('large', patterned(6_000_000), call),
  async get(driver) {
    for await (const _ of driver.get('x', call));
  },
  delete: (driver) => driver.delete('x', call),
}

/** What a call fails with; every text of it must be ours or the server's, not the SDK's. */
async function failure(driver: S3Driver, call: Call): Promise<{ message: string; suggestion: string }> {
  const outcome = await calls[call](driver).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) throw new Error(`${call} resolved with ${JSON.stringify(outcome.value)}`)
  const { error } = outcome
  if (!isBackupError(error)) throw error
  for (const text of [error.message, String(error.cause)])
    expect(text).not.toMatch(/deserializ|\$response|unexpected|char|parse|UnknownError|undefined/i)
  return error
}

async function underQuirk(name: QuirkName, call: Call) {
  const faulty = await quirky(bucket, name)
  try {
    const error = await failure(faulty.driver, call)
    return { error, address: new URL(faulty.proxy.url).host }
  } finally {
    await faulty.close()
  }
}

async function with_(options: Partial<S3Options>, call: Call = 'list') {
  const driver = s3({ ...bucket.options, ...options })
  try {
    return await failure(driver, call)
  } finally {
    await driver.close?.()
  }
}

describe('an address that is not an S3 endpoint is reported as such, and never as an empty bucket', () => {
  it.each<[string, QuirkName, Call, string]>([
    ['a web console', 'console', 'list', 'a web page, "MinIO Console"'],
    ['a web console, on a put', 'console', 'put', 'a web page'],
    ['a web console, on a put in parts', 'console', 'put in parts', 'a web page'],
    ['a web console, on a get', 'console', 'get', 'a web page'],
    ['a web console, on a delete', 'console', 'delete', 'a web page'],
    ['a login page', 'login-page', 'list', 'a web page, "Please log in"'],
    ['an empty page', 'empty-listing-page', 'list', 'nothing'],
    ['another service that speaks JSON', 'json-listing-page', 'list', 'JSON'],
    ['another service that speaks XML', 'other-xml', 'list', '<rss>'],
    ['a web server that knows no such page', 'proxy-404', 'get', 'a web page, "404 Not Found"'],
    ['a redirect', 'redirect', 'list', 'https://login.example/'],
  ])('%s', async (_name, quirk, call, got) => {
    const { error, address } = await underQuirk(quirk, call)
    expect(error).toMatchObject({
      code: 'invalid_options',
      retriable: false,
      suggestion: expect.stringContaining('endpoint'),
    })
    expect(error.message).toContain('no S3 endpoint')
    expect(error.message).toContain(address)
    expect(error.message).toContain(got)
  })
})

describe('answers of a proxy are distinguished from those of the storage', () => {
  it.each<[string, QuirkName, Call, object, RegExp]>([
    ['a proxy that refuses large bodies', 'proxy-413', 'put in parts', { code: 'unsupported' }, /413/],
    ['a proxy that refuses bodies', 'proxy-413-everything', 'put', { code: 'unsupported' }, /too large.*413/],
    ['a proxy without the storage', 'proxy-502', 'list', { code: 'unavailable', retriable: true }, /502/],
    ['a proxy that waits too long', 'proxy-504', 'put', { code: 'unavailable', retriable: true }, /504/],
    ['a firewall', 'proxy-403', 'put', { code: 'permission_denied' }, /proxy or firewall.*403 Forbidden/],
    ['a proxy that wants a login', 'proxy-401', 'list', { code: 'permission_denied' }, /401/],
  ])('%s', async (_name, quirk, call, explained, message) => {
    const { error, address } = await underQuirk(quirk, call)
    expect(error).toMatchObject({ driver: 's3', ...explained })
    expect(error.message).toMatch(message)
    expect(error.message).toContain(address)
    expect(error.suggestion).not.toMatch(/IAM/)
  })

  it('an answer that breaks off is unavailable', async () => {
    const { error } = await underQuirk('torn-xml', 'list')
    expect(error).toMatchObject({ code: 'unavailable', retriable: true })
  })
})

describe('a full storage is distinguished from one that refuses', () => {
  it.each<QuirkName>(['storage-cap', 'quota-forbidden'])('%s', async (quirk) => {
    const { error } = await underQuirk(quirk, 'put')
    expect(error).toMatchObject({ code: 'no_space' })
    expect(error.message).toMatch(
      /storage cap exceeded\. See the Caps & Alerts|Maximum size quota \(1GB\) exceeded/,
    )
    expect(`${error.message}${error.suggestion}`).not.toMatch(/IAM|policy/)
  })
})

describe('a server that cannot be reached', () => {
  it('that refuses connections is named with the cause', async () => {
    const error = await with_({ endpoint: 'http://127.0.0.1:1' })
    expect(error.message).toMatch(/^Cannot connect to 127\.0\.0\.1:1 \(connection refused\)/)
    expect(error).toMatchObject({
      code: 'unavailable',
      metadata: { host: '127.0.0.1:1', answer: 'ECONNREFUSED' },
      suggestion: expect.stringContaining('endpoint'),
    })
  }, 20_000)

  it('an unknown host is named with the cause', async () => {
    const error = await with_({ endpoint: 'http://s3.no-such-host.invalid' })
    expect(error.message).toMatch(/^Cannot connect to s3\.no-such-host\.invalid \((unknown host|the name)/)
    expect(error).toMatchObject({ code: 'unavailable' })
  }, 20_000)

  it('with an untrusted certificate is a settings error that names AWS_CA_BUNDLE', async ({ skip }) => {
    const own = certificate()
    if (own === undefined) return skip('needs openssl')
    const server = createTlsServer(own)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const error = await with_({ endpoint: `https://127.0.0.1:${port}` })
    server.close()
    expect(error.message).toContain(`Cannot connect to 127.0.0.1:${port} (certificate not trusted`)
    expect(error).toMatchObject({
      code: 'invalid_options',
      suggestion: expect.stringContaining('AWS_CA_BUNDLE'),
    })
  }, 20_000)

  it('that speaks plain HTTP instead of HTTPS is a settings error', async () => {
    const error = await with_({ endpoint: bucket.endpoint.url.replace('http:', 'https:') })
    expect(error).toMatchObject({ code: 'invalid_options', suggestion: expect.stringContaining('http://') })
  }, 20_000)
})

describe('the server’s own message', () => {
  it('is in the error message, with code, status, request id and host', async () => {
    const faulty = await quirky(bucket, [])
    faulty.proxy.add({
      match: /^GET/,
      fault: {
        kind: 'answer',
        status: 403,
        code: 'AccessDenied',
        message: 'User: arn:aws:iam::1:user/ada is not authorized',
        headers: { 'x-amz-request-id': '4442587FB7D0A2F9' },
      },
    })
    const error = await failure(faulty.driver, 'list')
    const host = new URL(faulty.proxy.url).host
    expect(error).toMatchObject({
      code: 'permission_denied',
      metadata: {
        answer: 'AccessDenied',
        status: 403,
        requestId: '4442587FB7D0A2F9',
        host,
        words: 'User: arn:aws:iam::1:user/ada is not authorized',
      },
    })
    expect(error.message).toBe(
      `Not allowed: s3:ListBucket on ${bucket.name}: "User: arn:aws:iam::1:user/ada is not authorized" (AccessDenied, 403, request 4442587FB7D0A2F9, ${host})`,
    )
    await faulty.close()
  })

  it('shows no secret, even if the server repeats one', async () => {
    const sseCustomerKey = Buffer.alloc(32, 7).toString('base64')
    const faulty = await quirky(bucket, [], { sseCustomerKey })
    faulty.proxy.add({
      match: /^PUT/,
      fault: {
        kind: 'answer',
        status: 501,
        code: 'NotImplemented',
        message: `Header with value '${sseCustomerKey}' not implemented`,
      },
    })
    const error = await failure(faulty.driver, 'put')
    expect(JSON.stringify(error) + error.message).not.toContain(sseCustomerKey)
    await faulty.close()
  })
})

it('a server that calls the empty answer to a deletion a web page has deleted', async () => {
  const { driver, close } = await quirky(bucket, 'html-deletions')
  try {
    await expect(driver.delete('x', call)).resolves.toBeUndefined()
  } finally {
    await close()
  }
})
