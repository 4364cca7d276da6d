import { consolidate, diff, type Encryption, openCatalog, prune, verify } from '@s3db-backup/core'
import { encryption } from '@s3db-backup/encryption'
import { sealed } from '../../hostile/forge.ts'
import { destination, restored } from '../destination.ts'
import { backupIn, places, secretsOf } from '../fixtures.ts'
import type { Reader, Seed } from '../reader.ts'

const ids = ['gzip', 'raw', 'two-parts']
const encryptedId = 'full-2024-03-15T14-30-45-abc123'

const seedsOf = (place: string, all: readonly string[]): Seed[] =>
  all.map((id) => ({ name: id, bytes: backupIn(place, id).get(`${id}/s3db.json`) ?? Buffer.alloc(0) }))

/** The key of a frozen encrypted backup. Opened anew for each input: nothing may be remembered from the last. */
export const key = (): Encryption =>
  encryption({ algorithm: 'AES-256-GCM', key: secretsOf(places.encrypted).key ?? '' })

/** Restores a backup whose manifest is other bytes. What is listed before has to have the id of its directory. */
async function restoredWith(
  place: string,
  id: string,
  bytes: Uint8Array,
  opened?: Encryption,
): Promise<unknown> {
  const driver = destination(backupIn(place, id), `${id}/s3db.json`, bytes)
  const { backups, damaged } = await openCatalog(driver).list()
  for (const entry of [...backups, ...damaged]) if (entry.id !== id) throw new Error(`listed as ${entry.id}`)
  return restored(driver, id, opened)
}

const damagedManifest: Reader = {
  name: 'manifest',
  seeds: seedsOf(places.plain, ids),
  changed: ['bytes', 'json'],
  promises: 'original',
  inputs: 600,
  read: (bytes, { name }) => restoredWith(places.plain, name, bytes),
}

const damagedEncryptedManifest: Reader = {
  name: 'manifest, encrypted',
  seeds: seedsOf(places.encrypted, [encryptedId]),
  changed: ['bytes', 'json'],
  promises: 'original',
  inputs: 150,
  read: (bytes, { name }) => restoredWith(places.encrypted, name, bytes, key()),
}

/** The same with the checksum made right again, as somebody does who knows the format but not the key. */
const forgedEncryptedManifest: Reader = {
  ...damagedEncryptedManifest,
  name: 'manifest, encrypted, sealed by a stranger',
  changed: ['json'],
  read(bytes, seed) {
    const same = Buffer.from(bytes).equals(seed.bytes)
    return damagedEncryptedManifest.read(same ? bytes : resealed(bytes), seed)
  },
}

/** Whatever reads a manifest, on a manifest that a stranger sealed. */
const forgedManifest: Reader = {
  name: 'manifest, sealed by a stranger',
  seeds: seedsOf(places.plain, ids),
  changed: ['json'],
  promises: 'valid',
  inputs: 600,
  async read(bytes, { name: id }) {
    const objects = backupIn(places.plain, id)
    const driver = destination(objects, `${id}/s3db.json`, resealed(bytes))
    const { backups } = await openCatalog(driver).list()
    for (const entry of backups) if (entry.id !== id) throw new Error(`listed as ${entry.id}`)
    await prune({ driver, plan: () => ({ keep: [], remove: [] }), dryRun: true })
    await verify({ driver, id })
    for await (const { id: record } of diff({ driver, from: id, to: id }))
      throw new Error(`${record} differs from itself`)
    const records = await restored(driver, id)
    await consolidate({ driver, id })
    return records
  },
}

/** Without the old seal, which is a field like any other once the JSON was read. */
function resealed(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8')
  return sealed(text.replace(/,\s*"checksum": "[0-9a-f]{64}"\s*\}\s*$/, '\n}'))
}

export const manifestReaders: readonly Reader[] = [
  damagedManifest,
  forgedManifest,
  damagedEncryptedManifest,
  forgedEncryptedManifest,
]
