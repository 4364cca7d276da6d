import { BackupError, type OnWarning } from '@s3db-backup/core'
import { parsePathTemplate } from '@s3db-backup/core/internal'
import type { S3Driver, S3Options } from '@s3db-backup/driver-s3'
import { parseS3Options, s3Capabilities } from '@s3db-backup/driver-s3/internal'
import type { Destination } from '@s3db-backup/plugin-adapter'
import * as z from 'zod'
import type { DriverConfig, FromDatabase } from './driver-config.js'
import { lazyDriver } from './lazy-driver.js'

/**
 * `{ driver: 's3', config: { bucket, path: 'backups/{date}/' } }`. `prefix` is another name of `path`. The bucket,
 * and with it the credentials, region and endpoint, are the database's own where they are not given.
 */
export function s3Destination(
  given: DriverConfig,
  database: FromDatabase,
  onWarning: OnWarning,
): Destination {
  const { path, prefix, ...config } = given
  const template = parsePathTemplate(pathOf(path, prefix).replace(/^\/+/, ''))
  const options = { onWarning, ...config, prefix: template.root === '/' ? '' : template.root }
  const complete = () => parseS3Options({ ...defaultsFrom(database(), options), ...options })
  // With its own bucket everything can be checked now; otherwise only once the database is known.
  if (config.bucket !== undefined) parseS3Options(options)
  const { driver, made } = lazyDriver(
    's3',
    () => s3Capabilities(complete()),
    async () => makeS3(complete()),
  )
  const locate = (key: string) => {
    const { bucket, prefix: root = '' } = complete()
    return `s3://${[bucket, root, key].filter((segment) => segment !== '').join('/')}`
  }
  return {
    driver,
    type: 's3',
    folder: template.folder,
    identity: () => identityOf(complete()),
    locate,
    describe: (directory) => ({
      type: 's3',
      bucket: complete().bucket,
      path: locate(directory),
      manifestPath: locate(`${directory}/s3db.json`),
      ...(config.storageClass === undefined ? {} : { storageClass: config.storageClass }),
    }),
    doctor: async (call) => (await made()).doctor(call),
    thaw: async (keys, call) => (await made()).thaw(keys, call),
  }
}

/** Loads the driver, and with it the AWS SDK, which only those have installed who keep backups in S3. */
async function makeS3(options: ReturnType<typeof parseS3Options>): Promise<S3Driver> {
  const { s3 } = await import('@s3db-backup/driver-s3').catch((cause: unknown) => {
    // Node, pnpm and Yarn word this error differently, but all name the package.
    if (!String(cause).includes('@aws-sdk/client-s3')) throw cause
    throw new BackupError(
      'invalid_options',
      'The s3 driver needs @aws-sdk/client-s3, which is not installed',
      {
        driver: 's3',
        suggestion: 'Run: npm install @aws-sdk/client-s3',
        cause,
      },
    )
  })
  return s3(options)
}

/** A client that was made elsewhere does not say whose buckets it reaches. */
function identityOf(options: S3Options): string | undefined {
  const { client, endpoint = '', bucket, prefix = '' } = options
  return client === undefined ? `s3 ${JSON.stringify([endpoint, bucket, prefix])}` : undefined
}

function pathOf(path: unknown, prefix: unknown): string {
  const given = path ?? prefix ?? ''
  if (typeof given === 'string' && (path === undefined || prefix === undefined)) return given
  const problem =
    typeof given === 'string'
      ? 'config.path and config.prefix are two names of one option'
      : 'config.path must be a string'
  throw new BackupError('invalid_options', `Invalid S3 options: ${problem}`, {
    operation: 'validateConfig',
    driver: 's3',
  })
}

/** The configuration of a database's S3 client. */
const clientConfig = z.looseObject({
  bucket: z.string().min(1),
  region: z.string().min(1).optional(),
  endpoint: z.url({ protocol: /^https?$/ }),
  forcePathStyle: z.boolean().optional(),
  accessKeyId: z.string().min(1).optional(),
  secretAccessKey: z.string().min(1).optional(),
})

/** Names that say how to reach a server: taken from the database together or not at all. */
const connectionNames = [
  'client',
  'provider',
  'credentials',
  'profile',
  'endpoint',
  'region',
  'forcePathStyle',
]

function defaultsFrom(database: ReturnType<FromDatabase>, options: DriverConfig): Record<string, unknown> {
  const parsed = clientConfig.safeParse(database?.client?.config)
  if (!parsed.success) return {}
  const { bucket, region, endpoint, forcePathStyle, accessKeyId, secretAccessKey } = parsed.data
  if (connectionNames.some((name) => options[name] !== undefined)) return { bucket }
  const keys =
    accessKeyId !== undefined && secretAccessKey !== undefined
      ? { credentials: { accessKeyId, secretAccessKey } }
      : {}
  const amazon = /\.amazonaws\.com$/.test(new URL(endpoint).hostname)
  return {
    bucket,
    ...(region === undefined ? {} : { region }),
    ...(amazon ? {} : { endpoint, forcePathStyle: forcePathStyle ?? true }),
    ...keys,
  }
}
