import { verify } from '@s3db-backup/core'
import { salvage } from '@s3db-backup/core/internal'
import { encryption } from '@s3db-backup/encryption'
import { encoded, forge, forgedId, sha256, stateOf } from '../../hostile/forge.ts'
import { destination, restored } from '../destination.ts'
import { backupIn, objectsIn, places, secretsOf } from '../fixtures.ts'
import type { Reader, Seed } from '../reader.ts'
import { key } from './manifests.ts'

/** Every part of these frozen backups: rows, indexes and raw forms, in every compression. */
const plainParts: readonly Seed[] = ['gzip', 'none', 'brotli', 'deflate', 'zstd', 'raw', 'two-parts'].flatMap(
  (id) =>
    [...backupIn(places.plain, id)]
      .filter(([name, { byteLength }]) => name.includes('.jsonl') && byteLength > 20)
      .map(([name, bytes]) => ({ name: name.replaceAll('/', ':'), bytes })),
)

/** Altered bytes in the place of a part. */
const damagedPart: Reader = {
  name: 'part',
  seeds: plainParts,
  changed: ['bytes'],
  promises: 'original',
  inputs: 700,
  async read(bytes, { name, bytes: original }) {
    const [id = ''] = name.split(':')
    const driver = destination(backupIn(places.plain, id), name.replaceAll(':', '/'), bytes)
    await checkVerified(driver, id, Buffer.from(bytes).equals(original))
    await checkSalvaged(driver, id)
    return restored(driver, id)
  },
}

const encryptedId = 'full-2024-03-15T14-30-45-abc123'

const damagedEncryptedPart: Reader = {
  name: 'part, encrypted',
  seeds: [...backupIn(places.encrypted, encryptedId)]
    .filter(([name]) => name.includes('.jsonl'))
    .map(([name, bytes]) => ({ name: name.replaceAll('/', ':'), bytes })),
  changed: ['bytes'],
  promises: 'original',
  inputs: 80,
  read: (bytes, { name }) =>
    restored(
      destination(backupIn(places.encrypted, encryptedId), name.replaceAll(':', '/'), bytes),
      encryptedId,
      key(),
    ),
}

type Destination = ReturnType<typeof destination>

/** No damage may pass for sound, nor what is sound for damaged. */
async function checkVerified(driver: Destination, id: string, sound: boolean): Promise<void> {
  const { ok } = await verify({ driver, id })
  if (ok !== sound) throw new Error(`verify says ok: ${ok}`)
}

const salvageable = new Map<string, Promise<ReadonlySet<string>>>()

/**
 * What is saved from a damaged backup is what was in it: less, but nothing else. Where a CRC-32 is all the proof that
 * there is, and says so, a whole member of another file passes.
 */
async function checkSalvaged(driver: Destination, id: string): Promise<void> {
  const known = salvageable.get(id) ?? salvaged(destination(backupIn(places.plain, id)), id)
  salvageable.set(id, known)
  const original = await known
  for (const line of await salvaged(driver, id)) if (!original.has(line)) throw new Error(`salvaged ${line}`)
}

async function salvaged(driver: Destination, id: string): Promise<ReadonlySet<string>> {
  const lines = new Set<string>()
  for await (const found of salvage({ driver, id })) {
    if (found.type !== 'records' || found.proof === 'crc32') continue
    for (const line of found.lines) lines.add(`${found.holds} ${JSON.stringify(line)}`)
  }
  return lines
}

const lines = {
  rows: '{"id":"a","name":"Zoë"}\n{"id":"b","n":[1,null]}\n{"id":"c","name":"\\ud800"}\n',
  raw: '{"id":"a","raw":{"metadata":{"x":"1"},"body":""}}\n',
  index: '["a",0,"AAAAAAAAAAA"]\n["b",1710513045000,"BBBBBBBBBBB"]\n["c",0,"CCCCCCCCCCC"]\n',
} as const
type Kind = keyof typeof lines
const kinds = ['rows', 'raw', 'index'] as const

const codecs = ['none', 'gzip', 'deflate', 'brotli', 'zstd'] as const

/** A backup around one part that may be anything; every hash in its manifest is right. */
function around(
  kind: Kind,
  stored: Uint8Array,
  codec: string,
  contentBytes: number,
): Map<string, Uint8Array> {
  const codecsOfPart = codec === 'none' ? [] : [codec]
  const parts = kinds.map((holds) => {
    const part = { file: `users.${holds}.jsonl`, holds, content: lines[holds] }
    if (holds !== kind) return part
    return {
      ...part,
      stored,
      codecs: codecsOfPart,
      says: { records: lines[kind].split('\n').length - 1, contentBytes, longestLine: contentBytes },
    }
  })
  // The state is computed from whatever index is there, so that the code after that check is reached.
  const index = kind === 'index' && codec === 'none' ? Buffer.from(stored).toString('utf8') : lines.index
  const entry = { state: { before: '0'.repeat(64), after: stateIn(index) } }
  return forge({ resources: { users: entry }, parts })
}

/** The state of an index; that of the honest one for what is no index. */
function stateIn(index: string): string {
  try {
    return stateOf(index)
  } catch {
    return stateOf(lines.index)
  }
}

async function readAll(objects: ReadonlyMap<string, Uint8Array>): Promise<unknown> {
  const driver = destination(objects)
  await verify({ driver, id: forgedId })
  for await (const _ of salvage({ driver, id: forgedId }));
  return restored(driver, forgedId)
}

/** Lines that a stranger wrote. */
const forgedLines: Reader = {
  name: 'lines, written by a stranger',
  seeds: kinds.flatMap((kind) =>
    codecs.map((codec) => ({ name: `${kind}:${codec}`, bytes: Buffer.from(lines[kind]) })),
  ),
  changed: ['bytes'],
  promises: 'valid',
  inputs: 900,
  read(bytes, { name }) {
    const [kind, codec = ''] = name.split(':')
    return readAll(around(kindOf(kind), encoded(bytes, [codec]), codec, bytes.byteLength))
  },
}

/** Compressed streams that a stranger wrote. */
const forgedStreams: Reader = {
  name: 'compressed streams, written by a stranger',
  seeds: codecs.slice(1).map((codec) => ({ name: codec, bytes: encoded(Buffer.from(lines.rows), [codec]) })),
  changed: ['bytes'],
  promises: 'valid',
  inputs: 700,
  read: (bytes, { name }) => readAll(around('rows', bytes, name, 4096)),
}

function kindOf(name: string | undefined): Kind {
  return kinds.find((kind) => kind === name) ?? 'rows'
}

/** Encrypted messages whose hashes a stranger made right: only the encryption itself is left to notice. */
const frozen = objectsIn(places.encryptedParts)
const forgedMessages: Reader = {
  name: 'encrypted streams, altered by a stranger',
  seeds: [{ name: 'index.json.enc', bytes: frozen.get('index.json.enc') ?? Buffer.alloc(0) }, smallMessage()],
  changed: ['bytes'],
  promises: 'original',
  inputs: 150,
  async read(bytes, { name: file }) {
    const { key = '', backupId = '' } = secretsOf(places.encryptedParts)
    const opened = encryption({ algorithm: 'AES-256-GCM', key })
    const codec = await opened.open({ backupId, keyFile: frozen.get('keys.json') ?? Buffer.alloc(0) })
    const resource = file.startsWith('users') ? 'users' : ''
    const call = { backupId, file, resource, signal: new AbortController().signal }
    const chunks: Uint8Array[] = []
    const source = async function* () {
      yield bytes
    }
    for await (const chunk of codec.decode(source(), call)) chunks.push(chunk)
    return sha256(Buffer.concat(chunks))
  },
}

function smallMessage(): Seed {
  return { name: 'users.jsonl.gz.enc', bytes: frozen.get('users.jsonl.gz.enc') ?? Buffer.alloc(0) }
}

export const partReaders: readonly Reader[] = [
  damagedPart,
  forgedLines,
  forgedStreams,
  damagedEncryptedPart,
  forgedMessages,
]
