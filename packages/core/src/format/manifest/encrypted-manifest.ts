import { gzip } from '../../codecs/gzip.js'
import { isBackupError } from '../../errors.js'
import type { Manifest } from '../../manifest.js'
import type { CodecContext } from '../../ports/codec.js'
import type { Call } from '../../ports/driver.js'
import type { BackupCipher } from '../../ports/encryption.js'
import { collect, once } from '../../streams/bytes.js'
import { manifestFile } from '../layout.js'
import { checked } from './manifest-file.js'
import { join, split, storedSchema } from './public-manifest.js'
import {
  damagedManifest,
  longestManifest,
  parseJson,
  type Sealed,
  sealFields,
  taggedBody,
  unwritable,
} from './seal.js'

/** The purpose of a manifest's tag, for the cipher. */
const purpose = 'manifest'

/**
 * The bytes of an encrypted backup's manifest. Fields that listing and pruning need stay readable; names, schemas,
 * counts and notes are compressed and encrypted in `private`. A tag under the backup's key authenticates every byte
 * before it, the encrypted half included.
 */
export async function sealEncrypted(manifest: Manifest, cipher: BackupCipher, call: Call): Promise<Sealed> {
  const halves = split(manifest)
  const content = Buffer.from(JSON.stringify(halves.private))
  if (content.byteLength > longestManifest) throw unwritable(`it has ${content.byteLength} bytes`)
  const context = contextOf(manifest.id, call)
  const encrypted = cipher.encode(gzip().encode(once(content), context), context)
  const bytes = await collect(encrypted, longestManifest, manifestFile)
  return sealFields({ ...halves.public, private: Buffer.from(bytes).toString('base64') }, (body) =>
    cipher.authenticate(purpose, body),
  )
}

/**
 * The whole manifest of an encrypted backup. Throws `corrupt` if as much as one of its bytes was not written by
 * somebody who has the backup's key.
 */
export async function openEncrypted(
  bytes: Uint8Array,
  key: string,
  cipher: BackupCipher,
  call: Call,
): Promise<Manifest> {
  const tagged = taggedBody(bytes)
  if (tagged === undefined || !cipher.isAuthentic(purpose, tagged.body, tagged.tag))
    throw damagedManifest(key, 'it was altered by someone who does not have its key')
  const stored = checked(storedSchema.safeParse(parseJson(bytes, key)), key)
  const context = contextOf(stored.id, call)
  const encrypted = cipher.decode(once(Buffer.from(stored.private, 'base64')), context)
  try {
    const content = await collect(gzip().decode(encrypted, context), longestManifest, key)
    return checked(join(stored, parseJson(content, key)), key)
  } catch (error) {
    throw isBackupError(error, 'corrupt') ? error.with({ metadata: { key } }) : error
  }
}

function contextOf(backupId: string, { signal }: Call): CodecContext {
  return { backupId, file: manifestFile, resource: '', signal }
}
