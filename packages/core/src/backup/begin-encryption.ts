import { BackupError } from '../errors.js'
import { keyGeneration, keysKind } from '../format/key-files.js'
import { fileKey, neutralNames } from '../format/layout.js'
import type { Part } from '../format/manifest.js'
import { blockBytes, measure } from '../format/measure.js'
import type { BegunEncryption } from '../ports/encryption.js'
import { untilAborted } from '../streams/abortable.js'
import { once } from '../streams/bytes.js'
import type { EncryptedRun, Run } from './backup-run.js'

/**
 * The run with its parts encrypted, if it is to be: makes the backup's key and stores the key file, before
 * anything that only this key opens. If that fails, there is no backup; it never goes on unencrypted.
 */
export async function beginEncryption(run: Run): Promise<Run> {
  const { encryption, call, id, parts } = run
  if (encryption === undefined) return run
  const begun = await untilAborted(() => encryption.begin(id, call), call.signal)
  checkBegun(begun)
  const encrypted: EncryptedRun = {
    cipher: begun.codec,
    info: { ...begun.info, keyFile: begun.keyFile.file },
    keys: await storeKeys(begun, run),
  }
  return {
    ...run,
    encrypted,
    parts: { ...parts, codecs: [...parts.codecs, begun.codec], nameOf: neutralNames() },
  }
}

/** Readers look for a key file by its name. */
function checkBegun({ keyFile }: BegunEncryption): void {
  if (keyGeneration(keyFile.file) === 1) return
  throw new BackupError(
    'internal',
    `A new backup's key file cannot be called ${JSON.stringify(keyFile.file)}`,
  )
}

async function storeKeys({ keyFile: { file, bytes } }: BegunEncryption, run: Run): Promise<Part> {
  const key = fileKey(run.directory, file)
  const measured = measure()
  run.keys.push(key)
  await run.driver.put(key, measured.pass(once(bytes)), { ...run.call, kind: 'keys' })
  const { blocks, ...size } = measured.result()
  return {
    file,
    resource: '',
    holds: keysKind,
    records: 0,
    ...size,
    blocks: [...blocks],
    blockBytes,
    contentBytes: bytes.byteLength,
    longestLine: 0,
    codecs: [],
  }
}
