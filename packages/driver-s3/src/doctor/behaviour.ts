import { PutObjectCommand } from '@aws-sdk/client-s3'
import { compareIds, isBackupError } from '@s3db-backup/core'
import type { Finding } from '@s3db-backup/core/internal'
import { startAttempt } from '../connection/attempt.js'
import { type ListingOptions, listObjects, type Oddity } from '../listing.js'
import { putParameters } from '../upload/put-parameters.js'
import { upload } from '../upload/upload.js'
import { note, ok } from './finding.js'
import { type Probe, probeFiles } from './probe.js'

const racers = 8

/** Whether `If-None-Match: *` keeps an object from being overwritten, and holds when several write at once. */
export async function checkWriteOnce(probe: Probe): Promise<Finding> {
  const { support, options } = probe.connection
  if (support.found.has('conditions')) return unprotected('The server refuses If-None-Match')
  if (options.conditionalWrites === false) return unprotected('conditionalWrites is false')
  const again = await putRaw(probe, probeFiles.text)
  if (again === 'unsupported') return unprotected('The server refuses If-None-Match')
  if (again === 'stored') return unprotected('The server ignores If-None-Match')
  const race = await Promise.all(Array.from({ length: racers }, () => putRaw(probe, probeFiles.race)))
  const winners = race.filter((outcome) => outcome === 'stored').length
  if (winners === 1) return ok('write-once', 'An object that exists is never overwritten (If-None-Match)')
  return unprotected(`${winners} of ${racers} concurrent writers were told that they created the object`)
}

function unprotected(what: string): Finding {
  return note(
    'write-once',
    `${what}: two backups that get the same id could overwrite each other`,
    'Ids end in random characters, so this is unlikely. Let no other program write below the prefix.',
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
    // S3 tells the losers of a race to try again; the winner's object is there.
    if (isBackupError(error) && error.metadata.answer === 'ConditionalRequestConflict') return 'refused'
    if (isBackupError(error, 'unsupported')) return 'unsupported'
    throw error
  }
}

/** Whether uploads carry checksums for the server to compare: what the uploads and reads before have shown. */
export async function checkChecksums({ connection }: Probe): Promise<Finding> {
  const { support, options } = connection
  if (support.found.has('checksums')) {
    return note(
      'checksums',
      'The server refuses the checksum headers of S3: uploads go without',
      "Backups keep hashes of their own, and every part is read back. Set requestChecksumCalculation to 'WHEN_REQUIRED' to send none from the start.",
    )
  }
  return ok(
    'checksums',
    options.requestChecksumCalculation === 'WHEN_REQUIRED'
      ? 'Uploads carry no checksums, as the setting says; backups keep hashes of their own'
      : 'Uploads carry checksums that the server takes',
  )
}

/** Pages of two objects: whether there is a way from one to the next, and whether each object is listed once. */
export async function checkListing(probe: Probe): Promise<Finding> {
  const { connection, folder } = probe
  for (const file of probeFiles.ordered) await upload(connection, `${folder}/${file}`, empty(), probe)
  const oddities = new Set<Oddity>()
  const paged = await listNames(probe, { pageSize: 2, onOddity: (oddity) => oddities.add(oddity) })
  if (paged.length !== probeFiles.ordered.length) {
    return note(
      'listing',
      `${probeFiles.ordered.length} objects were written, ${paged.length} are listed`,
      'Use plain ASCII names.',
    )
  }
  if (oddities.size === 0) return ok('listing', 'Listings have each object once, page by page')
  const said = [...oddities].map((oddity) => odd[oddity]).join('; ')
  return note('listing', `In listings, ${said}`, 'The driver compensates; other programs may not.')
}

const odd: Record<Oddity, string> = {
  'keys repeated': 'the server repeats keys',
  'no token': 'the server gives no token for the next page',
  'keys encoded': 'the server encodes keys without being asked',
}

/** Needs the objects of {@link checkListing}. */
export async function checkListingOrder(probe: Probe): Promise<Finding> {
  const listed = await listNames(probe)
  const sorted = listed.every((name, index) => index === 0 || compareIds(listed[index - 1] ?? '', name) < 0)
  if (sorted) return ok('listing-order', 'Listings are in the order of UTF-8 bytes')
  return note(
    'listing-order',
    'Listings are not in the order of UTF-8 bytes',
    'Backups do not depend on it. An S3 database on this server cannot be backed up incrementally.',
  )
}

async function listNames(probe: Probe, options: ListingOptions = {}): Promise<string[]> {
  const order = `${probe.folder}/order/`
  const listed: string[] = []
  for await (const { key } of listObjects(probe.connection, order, probe, options))
    listed.push(key.slice(order.length))
  return listed
}

async function* empty(): AsyncGenerator<Uint8Array> {
  yield* []
}
