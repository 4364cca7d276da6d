import type { Driver, ObjectInfo } from '@s3db-backup/core'

/** What is wrong with the bytes of an object: all of them in, what is handed on or stored out. */
export type Spoil = (bytes: Buffer) => Buffer

/** One kind of fault, at calls of one kind. */
export type SpoiltCall =
  | { readonly at: 'get'; readonly spoil: Spoil }
  | { readonly at: 'put'; readonly spoil: Spoil }
  | { readonly at: 'list'; readonly spoil: (listed: readonly ObjectInfo[]) => readonly ObjectInfo[] }

/** A storage with a fault in one of its calls of a kind, and the key that the fault met, once it has. */
export interface SpoiltDriver extends Driver {
  /** Calls so far of the kind that is spoilt. */
  readonly calls: number
  /** Keys whose bytes were really changed, or prefixes whose listing was. */
  readonly met: readonly string[]
}

/** The fault is in call `number` (from 1) of its kind; in every one of them if left out. The storage says nothing. */
export function spoilt(inner: Driver, call: SpoiltCall, number?: number): SpoiltDriver {
  let calls = 0
  const met: string[] = []
  const isHit = (at: SpoiltCall['at']): boolean => {
    if (call.at !== at) return false
    calls += 1
    return number === undefined || calls === number
  }
  const apply = (spoil: Spoil, bytes: Buffer, key: string): Buffer => {
    const after = spoil(bytes)
    if (!after.equals(bytes)) met.push(key)
    return after
  }

  return {
    name: inner.name,
    ...(inner.capabilities === undefined ? {} : { capabilities: inner.capabilities }),
    get calls() {
      return calls
    },
    met,
    async put(key, body, rest) {
      if (!isHit('put') || call.at !== 'put') return inner.put(key, body, rest)
      const bytes = await whole(body)
      await inner.put(key, once(apply(call.spoil, bytes, key)), rest)
      return { bytes: bytes.byteLength }
    },
    async *get(key, rest) {
      if (isHit('get') && call.at === 'get')
        yield* inPieces(apply(call.spoil, await whole(inner.get(key, rest)), key))
      else yield* inner.get(key, rest)
    },
    async *list(prefix, rest) {
      if (!isHit('list') || call.at !== 'list') return yield* inner.list(prefix, rest)
      const listed: ObjectInfo[] = []
      for await (const info of inner.list(prefix, rest)) listed.push(info)
      const after = call.spoil(listed)
      if (after.length !== listed.length || after.some((info, index) => info !== listed[index]))
        met.push(prefix)
      yield* after
    },
    delete: (key, rest) => inner.delete(key, rest),
  }
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += 97) yield bytes.subarray(from, from + 97)
}

const flipAt =
  (share: number): Spoil =>
  (bytes) => {
    const after = Buffer.from(bytes)
    const at = Math.floor(share * (bytes.byteLength - 1))
    if (bytes.byteLength > 0) after[at] = (after[at] ?? 0) ^ 0x10
    return after
  }

/** What may be wrong with bytes. */
export const spoils: Readonly<Record<string, Spoil>> = {
  'a byte is wrong at the begin': flipAt(0),
  'a byte is wrong in the middle': flipAt(0.5),
  'a byte is wrong at the end': flipAt(1),
  'the second half is missing': (bytes) => bytes.subarray(0, Math.floor(bytes.byteLength / 2)),
  'the last byte is missing': (bytes) => bytes.subarray(0, -1),
  'there is nothing': () => Buffer.alloc(0),
  'there is something more': (bytes) => Buffer.concat([bytes, Buffer.from('{"id":"evil"}\n')]),
  'all of it is zeros': (bytes) => Buffer.alloc(bytes.byteLength),
  'two blocks have changed places': (bytes) => {
    const half = Math.floor(bytes.byteLength / 2)
    return Buffer.concat([bytes.subarray(half), bytes.subarray(0, half)])
  },
}

/** What may be wrong with a listing. */
export const misListings: Readonly<Record<string, (listed: readonly ObjectInfo[]) => readonly ObjectInfo[]>> =
  {
    'every entry comes twice': (listed) => listed.flatMap((info) => [info, info]),
    'it comes backwards': (listed) => listed.toReversed(),
    'the last entry is missing': (listed) => listed.slice(0, -1),
    'every other entry is missing': (listed) => listed.filter((_, index) => index % 2 === 0),
    'it is empty': () => [],
    'sizes are wrong': (listed) => listed.map(({ key, bytes }) => ({ key, bytes: bytes + 1 })),
    'an entry is of an object that is gone': (listed) =>
      listed.flatMap((info) => [info, { ...info, key: `${info.key}.gone` }]),
  }
