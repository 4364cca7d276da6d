import type { S3Client } from '@aws-sdk/client-s3'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { isBackupError } from '@s3db-backup/core'
import type { CheckedOptions } from '../options.js'
import type { WayOut } from './way-out.js'

type Given = Pick<CheckedOptions, 'credentials' | 'profile'>

/**
 * The given credentials, or those that the AWS SDK finds: environment, profile, role. Files are read again each time.
 */
export function credentialsFor({ credentials: given, profile }: Given, { agents }: WayOut) {
  if (given === undefined)
    return defaultProvider({
      ignoreCache: true,
      clientConfig: { requestHandler: agents },
      ...(profile === undefined ? {} : { profile }),
    })
  if (typeof given === 'function') return given
  // The SDK's types distinguish a missing session token from an undefined one.
  const { sessionToken, ...keys } = given
  return sessionToken === undefined ? keys : { ...keys, sessionToken }
}

/** Credentials of a client that may change while the process lives. */
export interface Rotation {
  /** How often they have changed; to be read before a request. */
  readonly generation: number
  /** Whether there are others than those that a request of this generation was refused with. */
  renewed(generation: number): Promise<boolean>
}

export function rotationOf({ config }: S3Client): Rotation {
  let generation = 0
  let looking: Promise<void> | undefined
  const look = async () => {
    const before = await config.credentials()
    const after = await config.credentials({ forceRefresh: true })
    if (before.accessKeyId !== after.accessKeyId || before.secretAccessKey !== after.secretAccessKey)
      generation += 1
    else if (before.sessionToken !== after.sessionToken) generation += 1
  }
  return {
    get generation() {
      return generation
    },
    async renewed(since) {
      // Another request may have renewed them meanwhile; if many fail at once, they are renewed once.
      if (generation === since) {
        looking ??= look().finally(() => {
          looking = undefined
        })
        await looking
      }
      return generation !== since
    },
  }
}

/** What servers answer to credentials that were valid once. */
const outdated: ReadonlySet<unknown> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
])

export function areOutdated(error: unknown): boolean {
  return isBackupError(error, 'permission_denied') && outdated.has(error.metadata.answer)
}
