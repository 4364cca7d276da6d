import { randomUUID } from 'node:crypto'
import { backup, restore, verify } from '@s3db-backup/core'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { encryption, keygen, rotate } from '../src/index.js'
import { sourceOf, store, target, users } from './store.js'

/*
 * KMS itself, as moto serves it, through the AWS SDK's own client: `tooling/s3/moto.sh run vitest run --project
 * encryption kms`. Without a server there is nothing to ask.
 */
const { S3_SERVER: server, S3_ENDPOINT: endpoint = '' } = process.env
const region = 'eu-central-1'

beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL_KMS', endpoint)
  vi.stubEnv('AWS_REGION', region)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'moto')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'moto')
})

const answerSchema = z.object({ KeyMetadata: z.object({ Arn: z.string() }) })

async function ask(operation: string, request: object): Promise<unknown> {
  const credential = `moto/20240315/${region}/kms/aws4_request`
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': `TrentService.${operation}`,
      'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(request),
  })
  expect(answer.status).toBe(200)
  const text = await answer.text()
  return text === '' ? undefined : JSON.parse(text)
}

const newKey = async () => answerSchema.parse(await ask('CreateKey', {})).KeyMetadata.Arn

/** Made anew each time, as another process would. */
const through = (...keys: string[]) =>
  encryption({ algorithm: 'AES-256-GCM', recipients: keys.map((keyArn) => ({ kms: { keyArn } })) })

describe.runIf(server === 'moto')('a backup for a key of KMS', () => {
  const contents = { people: users('Ann', 'Zoë', '日本 😀') }

  async function made(...keys: string[]) {
    const driver = store()
    const { id } = await backup({ source: sourceOf(contents), driver, encryption: through(...keys) })
    return { driver, id }
  }

  test('is opened by anyone who may use the key', async () => {
    const key = await newKey()
    const { driver, id } = await made(key)
    expect(await verify({ driver, id, encryption: through(key) })).toMatchObject({ ok: true, records: 3 })
    const into = target()
    await restore({ driver, id, target: into, encryption: through(key) })
    expect(into.contents()).toEqual(contents)
  })

  test('is opened by either of two keys, and not by a third one', async () => {
    const [one, other, third] = [await newKey(), await newKey(), await newKey()]
    const { driver, id } = await made(one, other)
    for (const key of [one, other])
      expect(await verify({ driver, id, encryption: through(key) })).toMatchObject({ ok: true })
    await expect(verify({ driver, id, encryption: through(third) })).rejects.toMatchObject({
      code: 'undecryptable',
    })
  })

  test('is not started if KMS has no such key, and the error says so', async () => {
    const missing = `arn:aws:kms:${region}:123456789012:key/${randomUUID()}`
    await expect(made(missing)).rejects.toMatchObject({
      code: 'undecryptable',
      message: expect.stringContaining('NotFoundException'),
    })
  })

  test('takes over one that had another key', async () => {
    const key = await newKey()
    const backupId = 'full-2024-03-15T14-30-45-abc123'
    const before = encryption({ algorithm: 'AES-256-GCM', key: keygen() })
    const { codec, keyFile } = await before.begin(backupId)
    const rotated = await rotate({
      backupId,
      keyFile: keyFile.bytes,
      open: before,
      recipients: through(key),
    })
    const opened = await through(key).open({ backupId, keyFile: rotated.bytes })
    const tag = codec.authenticate('test', Buffer.from('bytes'))
    expect(opened.isAuthentic('test', Buffer.from('bytes'), tag)).toBe(true)
    await expect(through(key).open({ backupId: 'full-other', keyFile: rotated.bytes })).rejects.toMatchObject(
      {
        code: 'corrupt',
      },
    )
  })
})
