import { PutObjectCommand } from '@aws-sdk/client-s3'
import { compareIds, type Finding, isBackupError } from '@s3db-backup/core'
import { startAttempt } from '../attempt.js'
import { listObjects } from '../listing.js'
import { putParameters } from '../put-parameters.js'
import { upload } from '../upload.js'
import { note, ok } from './finding.js'
import type { Probe } from './probe.js'

const racers = 8

/** Whether `If-None-Match: *` keeps an object from being overwritten, and holds when several write at once. */
export async function checkWriteOnce(probe: Probe): Promise<Finding> {
  const again = await putRaw(probe, 'probe.jsonl')
  if (again === 'unsupported') return unprotected('The server refuses If-None-Match')
  if (again === 'stored') return unprotected('The server ignores If-None-Match')
  const race = await Promise.all(Array.from({ length: racers }, () => putRaw(probe, 'race.jsonl')))
  const winners = race.filter((outcome) => outcome === 'stored').length
  if (winners === 1) return ok('write-once', 'An object that exists is never overwritten (If-None-Match)')
  return unprotected(`Of ${racers} writers at once ${winners} were told that they made the object`)
}

function unprotected(what: string): Finding {
  return note(
    'write-once',
    `${what}: two backups that get the same id could overwrite each other`,
    'Ids end in chance, so this is unlikely. Let no other program write below the prefix.',
  )
}

async function putRaw(
  { connection, folder, kind, signal }: Probe,
  file: string,
): Promise<'stored' | 'refused' | 'unsupported'> {
  const parameters = putParameters(connection, startAttempt(`${folder}/${file}`, { kind, signal }))
  try {
    await connection.send(new PutObjectCommand({ ...parameters, Body: 'race' }), signal)
    return 'stored'
  } catch (error) {
    if (isBackupError(error, 'conflict')) return 'refused'
    // S3 asks the losers of a race to try again; the winner's object is there.
    if (isBackupError(error) && error.metadata.answer === 'ConditionalRequestConflict') return 'refused'
    if (isBackupError(error, 'unsupported')) return 'unsupported'
    throw error
  }
}

/** The last two come the other way round where UTF-16 units are compared instead of UTF-8 bytes. */
const names = ['B', 'a', 'é', '～', '😀']

export async function checkListingOrder(probe: Probe): Promise<Finding> {
  const { connection, folder } = probe
  for (const name of names) await upload(connection, `${folder}/order/${name}`, empty(), probe)
  const listed: string[] = []
  for await (const { key } of listObjects(connection, `${folder}/order/`, probe))
    listed.push(key.slice(`${folder}/order/`.length))
  if (listed.length !== names.length) {
    return note(
      'listing-order',
      `${names.length} objects were written, ${listed.length} are listed`,
      'Use plain ASCII names.',
    )
  }
  const sorted = listed.every((name, index) => index === 0 || compareIds(listed[index - 1] ?? '', name) < 0)
  if (sorted) return ok('listing-order', 'Listings are in the order of UTF-8 bytes')
  return note(
    'listing-order',
    'Listings are not in the order of UTF-8 bytes',
    'Backups do not depend on it. An S3 database on this server cannot be backed up incrementally.',
  )
}

async function* empty(): AsyncGenerator<Uint8Array> {
  yield* []
}
