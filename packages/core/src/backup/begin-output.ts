import { BackupError } from '../errors.js'
import { keyGeneration, keysKind } from '../format/key-files.js'
import { fileKey, neutralNames, partNames, type ShardLabel } from '../format/layout.js'
import { blockBytes, measure } from '../format/measure.js'
import { wholePartBytes } from '../format/offsets.js'
import type { PartContext } from '../format/open-part.js'
import type { Attempt } from '../inventory/attempt.js'
import type { Part } from '../manifest.js'
import type { Driver } from '../ports/driver.js'
import type { BackupCipher, BegunEncryption, EncryptionInfo } from '../ports/encryption.js'
import { untilAborted } from '../streams/abortable.js'
import { once } from '../streams/bytes.js'
import type { Choices, Control, Destination } from './backup-run.js'
import { mostNamedInAll, type NamesLeft } from './losses/losses.js'

/** How the content of a backup is stored. */
export interface Output {
  readonly parts: PartContext
  /** The documented name of the compression in use. */
  readonly compression: string
  readonly encrypted: Encrypted | undefined
  /** In bytes, so far. */
  readonly storedBytes: () => number
  /** How many more lost records the manifest may name. */
  readonly namesLeft: NamesLeft
}

/** The state of a running backup's encryption. */
export interface Encrypted {
  readonly cipher: BackupCipher
  /** For the manifest. */
  readonly info: EncryptionInfo & { readonly keyFile: string }
  /** The key file, stored. */
  readonly keys: Part
}

/**
 * Decides how parts are made. If they are to be encrypted, makes the backup's key and stores the key file before
 * anything that only this key opens. If that fails, the backup fails; it never continues unencrypted.
 */
export async function beginOutput(run: Attempt & Destination & Choices & Control): Promise<Output> {
  return outputOf(run, await beginEncryption(run))
}

/** How parts are made of a backup whose key is there. Given a shard, their names tell it. */
export function outputOf(
  run: Attempt & Destination & Choices & Control,
  encrypted: Encrypted | undefined,
  shard?: ShardLabel,
): Output {
  const { driver, id, directory, keys, codecs, maxPartBytes, call } = run
  let stored = 0
  const plain: PartContext = {
    driver,
    backupId: id,
    directory,
    codecs,
    nameOf: partNames(shard),
    maxContentBytes: Math.min(maxPartBytes ?? defaultPartBytes(run), contentThatFits(driver)),
    onKey: (key) => keys.push(key),
    onBytes: (bytes) => {
      stored += bytes
    },
    signal: call.signal,
  }
  return {
    parts:
      encrypted === undefined
        ? plain
        : { ...plain, codecs: [...codecs, encrypted.cipher], nameOf: neutralNames(shard) },
    compression: codecs[0]?.id ?? 'none',
    encrypted,
    storedBytes: () => stored,
    namesLeft: { count: mostNamedInAll },
  }
}

/** What cannot be entered in the middle is cut, so that one record does not cost a whole resource. */
function defaultPartBytes({ codecs, encryption }: Choices): number {
  const canBeEntered =
    encryption === undefined && codecs.every(({ memberBytes }) => memberBytes !== undefined)
  return canBeEntered && codecs.length <= 1 ? Number.POSITIVE_INFINITY : wholePartBytes
}

/** Content that fits into an object whatever the codecs make of it: none of them adds 1 % and 64 KiB. */
function contentThatFits(driver: Driver): number {
  const limit = driver.capabilities?.maxObjectBytes
  return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(limit * 0.99) - 64 * 1024)
}

async function beginEncryption(
  run: Attempt & Destination & Choices & Control,
): Promise<Encrypted | undefined> {
  const { encryption, call, id } = run
  if (encryption === undefined) return undefined
  const begun = await untilAborted(() => encryption.begin(id, call), call.signal)
  checkBegun(begun)
  return {
    cipher: begun.codec,
    info: { ...begun.info, keyFile: begun.keyFile.file },
    keys: await storeKeys(begun, run),
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

async function storeKeys(
  { keyFile: { file, bytes } }: BegunEncryption,
  { driver, directory, keys, call }: Attempt & Destination & Control,
): Promise<Part> {
  const key = fileKey(directory, file)
  const measured = measure()
  keys.push(key)
  await driver.put(key, measured.pass(once(bytes)), { ...call, kind: 'keys' })
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
