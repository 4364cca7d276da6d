import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { backup, records, remove, verify } from '@s3db-backup/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { testBucket } from '../test/bucket.js'
import { s3 } from './s3.js'

const bucket = await testBucket()
const { other, server } = bucket.endpoint
const owner = s3({ ...bucket.options, partSize: 5 * 1024 * 1024 })
const limited = s3({
  ...bucket.options,
  partSize: 5 * 1024 * 1024,
  ...(other === undefined ? {} : { credentials: other }),
})
afterEach(() => grant({ Version: '2012-10-17', Statement: [] }))
afterAll(async () => {
  await owner.close?.()
  await limited.close?.()
  await bucket.remove()
})

interface Policy {
  readonly Version: string
  readonly Statement: readonly object[]
}

/** A policy of the README, for this bucket. As a bucket policy it also has to say whom it is for. */
function documented(name: string): Policy {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const text = readme.split(`\`\`\`json ${name}\n`)[1]?.split('```')[0] ?? ''
  return JSON.parse(
    text.replaceAll('my-backups', bucket.name).replaceAll('shop', String(bucket.options.prefix)),
  )
}

async function grant({ Version, Statement }: Policy): Promise<void> {
  // An empty policy is refused; one about another place allows nothing here.
  const nothing = {
    Effect: 'Allow',
    Action: ['s3:GetBucketTagging'],
    Resource: [`arn:aws:s3:::${bucket.name}`],
  }
  const statements = (Statement.length === 0 ? [nothing] : Statement).map((entry) => ({
    ...entry,
    Principal: '*',
  }))
  const Policy = JSON.stringify({ Version, Statement: statements })
  await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }))
}

/** Large enough for a multipart upload. */
const source = () => records({ users: { records: [{ id: 'u1', text: 'x'.repeat(6_000_000) }] } })

describe.runIf(other !== undefined && server !== 'moto')('the documented policy', () => {
  it('for backups is enough to make and check one', async () => {
    await grant(documented('backup'))
    await expect(backup({ source: source(), driver: limited, codecs: [] })).resolves.toMatchObject({
      records: 1,
    })
  })

  it('for restores is enough to read one, and not to make one', async () => {
    const { id } = await backup({ source: source(), driver: owner })
    await grant(documented('restore'))
    await expect(verify({ driver: limited, id })).resolves.toMatchObject({ ok: true })
    await expect(backup({ source: source(), driver: limited })).rejects.toMatchObject({
      code: 'permission_denied',
      metadata: { action: 's3:PutObject' },
    })
  })

  it('for prune is enough to remove one', async () => {
    const { id } = await backup({ source: source(), driver: owner })
    await grant(documented('prune'))
    await remove({ driver: limited, id })
    await expect(verify({ driver: owner, id })).rejects.toMatchObject({ code: 'not_found' })
  })
})
