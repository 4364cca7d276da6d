import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { testBucket } from '../../test/bucket.js'
import { type FaultyDriver, throughFaults } from '../../test/through-faults.js'
import type { S3Options } from '../options.js'
import { type S3Driver, s3 } from '../s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const call = { signal, kind: 'part' } as const
const { accessKeyId, secretAccessKey } = bucket.endpoint.credentials
const folder = mkdtempSync(join(tmpdir(), 's3db-backup-credentials-'))
const file = (name: string) => join(folder, name)

let faulty: FaultyDriver
/** The token that the server takes. */
let valid = 'token-1'
let puts = 0

beforeEach(async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file('credentials'))
  vi.stubEnv('AWS_CONFIG_FILE', file('config'))
  writeFileSync(file('credentials'), '')
  writeFileSync(file('config'), '')
  valid = 'token-1'
  faulty = await throughFaults(bucket)
  faulty.proxy.add({
    match: /./,
    when: (headers) => headers['x-amz-security-token'] !== valid,
    fault: { kind: 'answer', status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' },
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await faulty.close()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await bucket.remove()
})

const keysIn = (section: string, token: string) =>
  `[${section}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${token}\n`

const processOutput = (token: string) =>
  JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: token,
  })

function open(options: Partial<S3Options> = {}): S3Driver {
  const { credentials: _, ...rest } = bucket.options
  return s3({ ...rest, endpoint: faulty.proxy.url, ...options })
}

const put = (driver: S3Driver) => driver.put(`k${puts++}`, patterned(10), call)

/** Backs up with the first token, lets it be exchanged for the second, and backs up again. */
async function rotated(set: (token: string) => void, driver: () => S3Driver): Promise<void> {
  set('token-1')
  const opened = driver()
  await put(opened)
  valid = 'token-2'
  set('token-2')
  await Promise.all([put(opened), put(opened), put(opened)])
  const refused = () => faulty.proxy.log.filter(({ fault }) => fault !== undefined).length
  const before = refused()
  await put(opened)
  expect(refused()).toBe(before)
  await opened.close?.()
}

it('credentials in a file are read again when a request is refused', async () => {
  await rotated((token) => writeFileSync(file('credentials'), keysIn('default', token)), open)
})

it('credentials of a profile are read again when a request is refused', async () => {
  vi.stubEnv('AWS_PROFILE', 'backups')
  await rotated((token) => writeFileSync(file('credentials'), keysIn('backups', token)), open)
})

it('the profile may be an option, and takes precedence over the environment', async () => {
  vi.stubEnv('AWS_PROFILE', 'nobody')
  await rotated(
    (token) => writeFileSync(file('credentials'), keysIn('backups', token)),
    () => open({ profile: 'backups' }),
  )
})

it('a credential_process is run again when a request is refused', async () => {
  writeFileSync(file('config'), `[default]\ncredential_process = cat ${file('process.json')}\n`)
  await rotated((token) => writeFileSync(file('process.json'), processOutput(token)), open)
})

it('a web identity is exchanged again when a request is refused', async () => {
  let token = ''
  const sts = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'text/xml')
    response.end(
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${token}</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    )
  })
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve))
  const { port } = sts.address() as AddressInfo
  writeFileSync(file('web-token'), 'of the cluster')
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file('web-token'))
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/backups')
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${port}`)
  await rotated((next) => {
    token = next
  }, open)
  sts.closeAllConnections()
  sts.close()
})

it('a function that gives credentials is called again when a request is refused', async () => {
  let token = ''
  await rotated(
    (next) => {
      token = next
    },
    () => open({ credentials: async () => ({ accessKeyId, secretAccessKey, sessionToken: token }) }),
  )
})

it('credentials that are unchanged after one renewal are refused as expired', async () => {
  let looks = 0
  const driver = open({
    credentials: async () => {
      looks += 1
      return { accessKeyId, secretAccessKey, sessionToken: 'token-0' }
    },
  })
  await expect(put(driver)).rejects.toMatchObject({
    code: 'permission_denied',
    metadata: { answer: 'ExpiredToken' },
    message: expect.stringContaining('The provided token has expired.'),
  })
  expect(looks).toBeLessThanOrEqual(4)
  await driver.close?.()
})

it('keys in the configuration are used unchanged', async () => {
  const driver = open({ credentials: { accessKeyId, secretAccessKey, sessionToken: 'token-0' } })
  await expect(put(driver)).rejects.toMatchObject({
    code: 'permission_denied',
    suggestion: expect.stringContaining('function'),
  })
  await driver.close?.()
})
