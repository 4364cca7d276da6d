import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { type Endpoint, openEndpoint } from '../../../tooling/s3/endpoint.ts'
import type { S3Options } from '../src/index.js'

/** A new bucket on whichever server the tests run against. */
export interface TestBucket {
  readonly name: string
  readonly endpoint: Endpoint
  /** The test's own way to the bucket, beside the driver. */
  readonly client: S3Client
  /** Options for a driver, with the prefix `p`. */
  readonly options: S3Options
  /** Keys of all multipart uploads that are neither completed nor aborted. */
  openUploads(): Promise<string[]>
  /** Every key, the driver's prefix included. */
  keys(): Promise<string[]>
  /** Empties and removes the bucket, and closes what was opened. */
  remove(): Promise<void>
}

/** `S3_BUCKET` names one that exists, for accounts that may not make any; it is left there. */
export async function testBucket(env: NodeJS.ProcessEnv = process.env): Promise<TestBucket> {
  const endpoint = await openEndpoint(env)
  const { url, region, credentials } = endpoint
  const client = new S3Client({ endpoint: url, region, credentials, forcePathStyle: true })
  const given = env.S3_BUCKET
  const name = given ?? `s3db-backup-test-${randomUUID()}`
  const prefix = given === undefined ? 'p' : `s3db-backup-test-${randomUUID()}`
  if (given === undefined) await client.send(new CreateBucketCommand({ Bucket: name }))

  const keys = async () => {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: name, Prefix: `${prefix}/` }),
    )
    return Contents.map(({ Key = '' }) => Key)
  }
  const removeObjects = async () => {
    for (let found = await keys(); found.length > 0; found = await keys()) {
      await client.send(
        new DeleteObjectsCommand({ Bucket: name, Delete: { Objects: found.map((Key) => ({ Key })) } }),
      )
    }
  }
  return {
    name,
    endpoint,
    client,
    options: { bucket: name, prefix, endpoint: url, region, credentials },
    keys,
    async openUploads() {
      const { Uploads = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: name, Prefix: `${prefix}/` }),
      )
      return Uploads.map(({ Key = '' }) => Key)
    },
    async remove() {
      await removeObjects()
      if (given === undefined) await client.send(new DeleteBucketCommand({ Bucket: name }))
      client.destroy()
      await endpoint.close()
    },
  }
}
