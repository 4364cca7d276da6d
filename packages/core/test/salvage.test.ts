import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { backup, type Codec, compression, gzip, type Row } from '../src/index.js'
import { type Doubt, type Loss, type SalvagedLines, salvage } from '../src/internal.js'
import { people, sourceOf } from './database.js'
import { type ForgedBackup, honestChain, objectsOf } from './forge.js'
import { memoryDriver } from './memory-driver.js'

/** Records that hardly compress, so that a backup has several blocks. */
const noisy = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `n${String(i).padStart(6, '0')}`,
    noise: Array.from({ length: 300 }, (_, j) => ((i * 7919 + j * 104729) ** 2 % 1e9).toString(36)).join(''),
  }))

async function stored(rows: readonly Row[], codecs: readonly Codec[]) {
  const driver = memoryDriver()
  const { id, directory } = await backup({ source: sourceOf({ people: rows }), driver, codecs })
  const key = [...driver.objects.keys()].find((one) => one.startsWith(`${directory}/people.jsonl`))!
  return { driver, id, key, bytes: driver.objects.get(key)! }
}

async function salvaged(driver: ReturnType<typeof memoryDriver>, id: string) {
  const records: SalvagedLines[] = []
  const lost: Loss[] = []
  const doubts: Doubt[] = []
  for await (const found of salvage({ driver, id })) {
    if (found.type === 'lost') lost.push(found)
    else if (found.type === 'doubt') doubts.push(found)
    else records.push(found)
  }
  return { rows: records.flatMap(({ lines }) => lines as Row[]), records, lost, doubts }
}

const all = ['none', 'gzip', 'deflate', 'brotli', 'zstd'] as const
const codecsOf = (name: (typeof all)[number]) => [compression(name)].filter((codec) => codec !== undefined)

describe('salvage', () => {
  it.each(all)('recovers every record of a sound backup and loses nothing (%s)', async (name) => {
    const rows = people(300)
    const { driver, id } = await stored(rows, codecsOf(name))
    expect(await salvaged(driver, id)).toMatchObject({ rows, lost: [], doubts: [] })
  })

  it('of an uncompressed part loses the damaged member of 1 MiB and the lines that extend into it', async () => {
    const rows = noisy(9000)
    const { driver, id, bytes } = await stored(rows, [])
    bytes[6_000_000]! ^= 1
    const { records, lost } = await salvaged(driver, id)
    expect(lost).toMatchObject([{ holds: 'rows', bytes: { from: 5 * 1024 * 1024, to: 6 * 1024 * 1024 } }])
    expect(records.some(({ proof }) => proof === 'sha256')).toBe(true)
  })

  it('of a gzip part proves the members around the damage by their own hashes', async () => {
    const rows = noisy(6000)
    const { driver, id, bytes } = await stored(rows, [gzip()])
    expect(bytes.byteLength).toBeGreaterThan(2 * 1024 * 1024)
    bytes[bytes.byteLength >> 1]! ^= 1
    const { records } = await salvaged(driver, id)
    expect(new Set(records.map(({ proof }) => proof))).toEqual(new Set(['sha256', 'index']))
  })

  it('of an uncompressed part whose offsets are also damaged loses the damaged block and the lines that extend into it', async () => {
    const rows = noisy(9000)
    const { driver, id, bytes } = await stored(rows, [])
    const offsets = driver.objects.get([...driver.objects.keys()].find((one) => one.includes('offsets'))!)!
    offsets[offsets.byteLength >> 1]! ^= 1
    expect(bytes.byteLength).toBeGreaterThan(3 * 4 * 1024 * 1024)
    bytes[6_000_000]! ^= 1
    const { rows: found, lost } = await salvaged(driver, id)
    const [gap] = lost
    expect(lost).toHaveLength(1)
    expect(gap).toMatchObject({ holds: 'rows', bytes: { from: 4 * 1024 * 1024, to: 8 * 1024 * 1024 } })
    const { first = 0, last = 0 } = gap!.lines
    expect(found).toEqual([...rows.slice(0, first - 1), ...rows.slice(last)])
    expect(last - first).toBeLessThan(rows.length / 2)
  })

  it('of a gzip part loses only the damaged members, even if bytes were cut out', async () => {
    const rows = noisy(6000)
    const { driver, id, key, bytes } = await stored(rows, [gzip()])
    const middle = Math.floor(bytes.byteLength / 2)
    const cut = Buffer.concat([bytes.subarray(0, middle), bytes.subarray(middle + 5)])
    const flipped = Buffer.from(bytes)
    flipped[middle]! ^= 1
    for (const damaged of [flipped, cut]) {
      driver.objects.set(key, damaged)
      const { rows: found, records, lost } = await salvaged(driver, id)
      expect(lost.length).toBeGreaterThan(0)
      expect(records.every(({ proof }) => ['sha256', 'crc32', 'index'].includes(proof))).toBe(true)
      expect(found.length).toBeGreaterThan(rows.length / 2)
      expect(found.length).toBeLessThan(rows.length)
      const known = new Map(rows.map((row) => [row.id, row]))
      for (const row of found) expect(row).toEqual(known.get(row.id))
    }
  })

  it.each(all)('never returns a wrong record, whatever byte is altered (%s)', async (name) => {
    const rows = people(20)
    const { driver, id, key, bytes } = await stored(rows, codecsOf(name))
    for (let at = 0; at < bytes.byteLength; at += 3) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 1 << (at % 8)
      driver.objects.set(key, damaged)
      const { rows: found, lost } = await salvaged(driver, id)
      expect(rows).toEqual(expect.arrayContaining(found))
      if (found.length < rows.length) expect(lost).toMatchObject([{ holds: 'rows' }])
    }
  })

  it.each([0.25, 0.5, 0.75, 0.9])(
    'of a part of 12 kB with 40 damaged bytes recovers every record before them (gzip, at %d)',
    async (place) => {
      const rows = people(600)
      const { driver, id, key, bytes } = await stored(rows, [gzip()])
      const at = Math.floor(bytes.byteLength * place)
      const damaged = Buffer.from(bytes)
      for (let i = 0; i < 40; i++) damaged[at + i]! ^= 0xa5
      driver.objects.set(key, damaged)
      const { rows: found, records, lost } = await salvaged(driver, id)
      expect(rows).toEqual(expect.arrayContaining(found))
      expect(found.length).toBeGreaterThan(rows.length * (place - 0.1))
      expect(records.every(({ proof }) => proof === 'index')).toBe(true)
      const [
        {
          lines: { first = 0, last = 0 },
          saved = 0,
        } = {} as Loss,
      ] = lost
      expect(lost).toHaveLength(1)
      expect(rows.length - found.length).toBe(last - first + 1 - saved)
    },
  )

  it('of an uncompressed part with 40 damaged bytes loses the records that they touch', async () => {
    const rows = people(600)
    const { driver, id, bytes } = await stored(rows, [])
    for (let i = 0; i < 40; i++) bytes[12_000 + i]! ^= 0xa5
    const { rows: found, lost } = await salvaged(driver, id)
    const { first = 0, last = 0 } = lost[0]!.lines
    expect(found).toEqual([...rows.slice(0, first - 1), ...rows.slice(last)])
    expect(last - first).toBeLessThan(4)
  })

  it('recovers nothing unproved: if the key index is damaged too, the damaged member is lost', async () => {
    const { driver, id, key, bytes } = await stored(people(600), [gzip()])
    const index = [...driver.objects.keys()].find((one) => one.includes('index'))!
    for (const one of [key, index]) {
      const damaged = Buffer.from(one === key ? bytes : driver.objects.get(one)!)
      damaged[damaged.byteLength >> 1]! ^= 0xa5
      driver.objects.set(one, damaged)
    }
    expect(await salvaged(driver, id)).toMatchObject({ rows: [], lost: [{ lines: { first: 1, last: 600 } }] })
  })

  it('reports a missing part as lost', async () => {
    const { driver, id, key, bytes } = await stored(people(3), [gzip()])
    driver.objects.delete(key)
    expect(await salvaged(driver, id)).toMatchObject({
      rows: [],
      lost: [{ bytes: { from: 0, to: bytes.byteLength }, lines: { first: 1, last: 3 } }],
    })
  })

  it('proves nothing without a manifest', async () => {
    const { driver, id } = await stored(people(3), [gzip()])
    driver.objects.set(`${id}/s3db.json`, Buffer.from('{}'))
    await expect(salvaged(driver, id)).rejects.toMatchObject({ code: 'corrupt', operation: 'restore' })
  })

  it('stops at a line that is not JSON, even if its bytes match the manifest, and reports what is lost', async () => {
    const { driver, id, key, bytes } = await stored(people(3), [])
    const manifestKey = key.replace('people.jsonl', 's3db.json')
    const altered = Buffer.from(bytes)
    altered[altered.indexOf('\n') + 1] = 0x21
    driver.objects.set(key, altered)
    driver.objects.set(manifestKey, resealed(driver.objects.get(manifestKey)!, bytes, altered))
    const { rows, lost } = await salvaged(driver, id)
    expect(rows).toEqual(people(1))
    expect(lost).toMatchObject([{ holds: 'rows', lines: { first: 2, last: 3 } }])
  })
})

describe('salvage of a backup that contradicts itself', () => {
  const forged = (forge: (backup: ForgedBackup) => void) => {
    const [backup] = honestChain([
      { users: { a: { value: 1 }, b: { value: 2 } }, orders: { x: { value: 1 } } },
    ])
    forge(backup!)
    return memoryDriver({ objects: objectsOf([backup!]) })
  }

  it('recovers what is there and reports what is in doubt', async () => {
    const driver = forged(({ resources }) => resources.users!.rows.splice(0, 1, '{"id":"a","value":7}'))
    const { rows, lost, doubts } = await salvaged(driver, 'b0')
    expect(rows).toContainEqual({ id: 'a', value: 7 })
    expect({ lost, doubts }).toMatchObject({
      lost: [],
      doubts: [{ resource: 'users', problem: { code: 'corrupt', message: expect.stringContaining('"a"') } }],
    })
  })

  it('reports contradictions of the manifest, too', async () => {
    const driver = forged(({ resources }) => Object.assign(resources.users!.entry, { totalCount: 9 }))
    const { doubts } = await salvaged(driver, 'b0')
    expect(doubts).toMatchObject([
      { resource: '', problem: { message: expect.stringContaining('totalCount') } },
    ])
  })
})

/** A manifest that has the hash of other bytes, and its seal, as a stranger would write it. */
function resealed(manifest: Uint8Array, before: Uint8Array, after: Uint8Array): Uint8Array {
  const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
  const text = Buffer.from(manifest.subarray(0, -85)).toString('utf8').replaceAll(hash(before), hash(after))
  return Buffer.from(`${text},\n  "checksum": "${hash(text)}"\n}\n`)
}
