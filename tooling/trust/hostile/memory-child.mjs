// Runs one operation on one hostile backup in a small heap, and prints the outcome and the peak memory.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { BackupError, openCatalog, restore, verify } from '@s3db-backup/core'
import { salvage } from '@s3db-backup/core/internal'
import { peakMiB } from '../../test/peak-memory.ts'
import { forge, forgedId, sealed } from './forge.ts'

const [what = '', surface = ''] = process.argv.slice(2)
const MiB = 1024 * 1024

/** A stored part as the chunks that a driver yields; none of it is held as a whole. */
async function* repeated(chunk, times) {
  for (let i = 0; i < times; i++) yield chunk
}

function hashes(chunk, times) {
  const hash = createHash('sha256')
  const blockBytes = 4 * MiB
  const all = Buffer.concat(Array.from({ length: times }, () => chunk))
  const blocks = []
  for (let at = 0; at < all.length; at += blockBytes)
    blocks.push(
      createHash('sha256')
        .update(all.subarray(at, at + blockBytes))
        .digest('hex'),
    )
  return { bytes: all.length, sha256: hash.update(all).digest('hex'), blocks, blockBytes }
}

const member = gzipSync(Buffer.alloc(MiB, 'a'))
const line = (longestLine, contentBytes) => ({
  manifest: manifestOf({ ...hashes(member, 1024), codecs: ['gzip'], longestLine, contentBytes, records: 1 }),
  part: () => repeated(member, 1024),
})
const endless = Buffer.alloc(MiB, 0x20)

const scenes = {
  // A line of 1 GiB, compressed to 1 MiB: once with a stated length of 100 bytes, once with its true length.
  'a line of 1 GiB, said to be short': () => line(100, 200),
  'a line of 1 GiB': () => line(2 ** 30, 2 ** 30 + 1),
  // Larger than any manifest, note or part: the reader must stop by itself.
  'a manifest without end': () => ({
    manifest: () => repeated(endless, Infinity),
    part: () => repeated(endless, 1),
  }),
  'a part without end': () => ({ manifest: manifestOf({}), part: () => repeated(endless, Infinity) }),
  'a manifest of 32 MiB of parts that are none': () => ({
    manifest: bytesOf(sealed(`{"format":"s3db-backup/1","parts":[${'0,'.repeat(16 * MiB)}0]}`)),
    part: () => repeated(endless, 1),
  }),
  'a manifest of 100,000 parts': () => ({
    manifest: manifestOf({}, 100_000),
    part: () => repeated(endless, 1),
  }),
}

function bytesOf(bytes) {
  return () => repeated(bytes, 1)
}

function manifestOf(says, parts = 1) {
  const all = Array.from({ length: parts }, (_, n) => ({
    file: `users.${n}.jsonl`,
    content: '{"id":"a"}\n',
    says,
    stored: n === 0 ? undefined : null,
  }))
  const objects = forge({ parts: all, resources: { users: { ordered: false } } })
  return bytesOf(objects.get(`${forgedId}/s3db.json`))
}

const { manifest, part } = scenes[what]()
const driver = {
  name: 'hostile',
  async *list(prefix) {
    for (const file of ['s3db.json', 'users.0.jsonl'])
      if (`${forgedId}/${file}`.startsWith(prefix)) yield { key: `${forgedId}/${file}`, bytes: 1 }
  },
  async *get(key) {
    if (key.endsWith('/s3db.json')) yield* manifest()
    else if (key.endsWith('/users.0.jsonl')) yield* part()
    else throw new BackupError('not_found', key)
  },
  // A restore stores a note that it reads the backup; here the note is dropped.
  async put(_, body) {
    let bytes = 0
    for await (const chunk of body) bytes += chunk.byteLength
    return { bytes }
  },
  delete: async () => undefined,
}
const target = {
  open: async () => undefined,
  async write(_, batches) {
    for await (const _ of batches);
    return { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
  },
}
const surfaces = {
  list: async () => {
    const { damaged } = await openCatalog(driver).list()
    if (damaged[0] !== undefined) throw damaged[0].problem
  },
  verify: async () => {
    const { problems } = await verify({ driver, id: forgedId })
    if (problems[0] !== undefined) throw problems[0]
  },
  restore: () => restore({ driver, id: forgedId, target, verify: false }),
  salvage: async () => {
    for await (const _ of salvage({ driver, id: forgedId }));
  },
}

const ending = await surfaces[surface]().then(
  () => 'fine',
  (error) => (error.name === 'BackupError' ? error.code : String(error)),
)
console.log(JSON.stringify({ ending, mebibytes: Math.round(peakMiB()) }))
