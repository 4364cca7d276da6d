import { BackupError, type Call, isBackupError } from '@s3db-backup/core'
import { askBucket } from '../client/ask-bucket.js'
import { errorCode } from '../client/client-errors.js'
import { type Client, storedPrefix } from '../client/database.js'
import { definitionsKey } from '../definitions-file.js'
import { textOf } from './parse-versions.js'

/** The bucket's settings for versions. */
export interface BucketVersioning {
  /** `unknown`: the right `s3:GetBucketVersioning` is missing. */
  readonly status: 'enabled' | 'suspended' | 'off' | 'unknown'
  /** Days after which lifecycle rules remove a version that was overwritten or deleted; `undefined`: no rule does. */
  readonly noncurrentDays: number | undefined
  /** Whether the lifecycle rules could be read, or the server has none: `s3:GetLifecycleConfiguration` is there. */
  readonly rulesKnown: boolean
  /** The storage's clock, in ms since 1970. */
  readonly date: number
}

/** How many requests that is. */
export const questionsOfBucket = 2

/** Asks a bucket for its versioning and its lifecycle rules, in two requests; a third one where neither may be read. */
export async function bucketVersioning(client: Client, call: Call): Promise<BucketVersioning> {
  const versioning = await ask(client, 'versioning', call)
  const lifecycle = await ask(client, 'lifecycle', call)
  // A server that does not know the question keeps no versions.
  const status = versioning.denied === true ? 'unknown' : statusOf(versioning.xml ?? '')
  const keyPrefix = storedPrefix(client).replace(/\/$/, '')
  return {
    status,
    noncurrentDays: lifecycle.xml === undefined ? undefined : shortest(lifecycle.xml, keyPrefix),
    rulesKnown: lifecycle.denied !== true,
    date: versioning.date ?? lifecycle.date ?? (await storageDate(client, call)) ?? Date.now(),
  }
}

interface Told {
  /** Nothing if we may not ask, or the server does not know the question. */
  readonly xml: string | undefined
  readonly date: number | undefined
  readonly denied?: boolean
}

async function ask(client: Client, parameter: 'versioning' | 'lifecycle', call: Call): Promise<Told> {
  try {
    return await askBucket(
      client,
      { what: `read the ${parameter} of the bucket`, prefix: '', query: { [parameter]: '' } },
      call,
    )
  } catch (error) {
    if (!isBackupError(error)) throw error
    const code = errorCode(error.cause)
    if (code === 'NoSuchLifecycleConfiguration') return { xml: '', date: undefined }
    if (isBackupError(error, 'permission_denied')) return { xml: undefined, date: undefined, denied: true }
    if (notKnown.test(code)) return { xml: undefined, date: undefined }
    throw error
  }
}

/** The storage's clock as any listing of versions shows it. Without the right to list them, nothing of the past can be read anyway. */
async function storageDate(client: Client, call: Call): Promise<number | undefined> {
  const question = { what: 'read the clock of the storage', prefix: definitionsKey, maxKeys: 1 }
  try {
    return (await askBucket(client, { ...question, query: { versions: '' } }, call)).date
  } catch (error) {
    if (isBackupError(error, 'permission_denied')) return undefined
    if (isBackupError(error) && notKnown.test(errorCode(error.cause))) return undefined
    throw error
  }
}

const notKnown = /NotImplemented|MethodNotAllowed|InvalidRequest|UnsupportedOperation/

function statusOf(xml: string): 'enabled' | 'suspended' | 'off' {
  const status = textOf(xml, 'Status')
  if (status === 'Enabled') return 'enabled'
  return status === 'Suspended' ? 'suspended' : 'off'
}

/** Rules by tags and sizes count as well: of which objects they speak is not known without reading each. */
function shortest(xml: string, keyPrefix: string): number | undefined {
  const days = [...xml.matchAll(/<Rule>(.*?)<\/Rule>/gs)].flatMap(([, rule = '']) => {
    const expiration = /<NoncurrentVersionExpiration>(.*?)<\/NoncurrentVersionExpiration>/s.exec(rule)?.[1]
    const prefix = textOf(rule, 'Prefix') ?? ''
    const concerns = prefix.startsWith(keyPrefix) || keyPrefix.startsWith(prefix)
    if (expiration === undefined || textOf(rule, 'Status') !== 'Enabled' || !concerns) return []
    const after = Number(textOf(expiration, 'NoncurrentDays') ?? textOf(expiration, 'Days') ?? 0)
    return Number.isFinite(after) ? [after] : []
  })
  return days.length === 0 ? undefined : Math.min(...days)
}

export const day = 24 * 60 * 60 * 1000

/**
 * In ms since 1970: what was overwritten or deleted before may be gone for good. No rule removes versions sooner than after
 * a day, so with rules that may not be read that much is certain.
 */
export function expiredBefore({ noncurrentDays, rulesKnown, date }: BucketVersioning): number | undefined {
  const days = rulesKnown ? noncurrentDays : 1
  return days === undefined ? undefined : date - days * day
}

/** How close to the storage's own clock a moment may be, in ms: clocks of its servers stand apart, some show seconds. */
export const margin = 5000

/** Throws unless the versions of its bucket can show the database as of a moment (ms since 1970). */
export function checkMoment(at: number, { status, date }: BucketVersioning): void {
  const when = new Date(at).toISOString()
  if (status === 'off')
    throw new BackupError(
      'unsupported',
      `The bucket keeps no versions, so the database as of ${when} cannot be read`,
      {
        suggestion:
          'Turn versioning on (s3:PutBucketVersioning): from then on every moment can be read. For earlier ones restore a backup.',
      },
    )
  if (status === 'suspended')
    throw new BackupError(
      'unsupported',
      `Versioning of the bucket is suspended, so what was overwritten since is gone, and the database as of ${when} cannot be read`,
      {
        suggestion:
          'Turn versioning on again: then earlier moments can be read, and what was overwritten or deleted meanwhile is named as lost. Or restore a backup.',
      },
    )
  if (at > date - margin)
    throw new BackupError(
      'invalid_options',
      `${when} is too close to the storage's own clock, which shows ${new Date(date).toISOString()}: writes of that moment may still come`,
      { suggestion: `Choose a time at least ${margin / 1000} seconds in the past.`, metadata: { margin } },
    )
}
