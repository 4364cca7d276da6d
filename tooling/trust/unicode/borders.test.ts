import { backup, compression, type Driver, type Row, records, restore } from '@s3db-backup/core'
import { compressionNames, salvage } from '@s3db-backup/core/internal'
import { memory } from '@s3db-backup/driver-testkit'
import { afterAll, expect, it } from 'vitest'
import { memoryTarget } from '../../../packages/core/test/database.ts'
import { byProfile, record } from '../record.ts'
import { everyString } from './strings.ts'

/** Characters of one to four bytes, halves of characters, marks, and ends of lines that are none, close together. */
const dense: Row[] = [
  { id: 'a', text: 'aé日😀\u2028\u2029\u0085\ufeff\r\n', '\ufeffé': '\ud800' },
  { id: '\u{1f600}', text: 'e\u0301\u202eשלום\udfff\ud83d', n: null },
  { id: '\ue000日', x: [{ '': '\0' }, '😀'] },
]
const ascending = (rows: readonly Row[]) =>
  rows.toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))

/** The same objects, in chunks that end where they are told to. */
function chunked(driver: Driver, cuts: (bytes: Buffer) => Iterable<Uint8Array>): Driver {
  return {
    ...driver,
    async *get(key, call) {
      const pieces: Uint8Array[] = []
      for await (const piece of driver.get(key, call)) pieces.push(piece)
      yield* cuts(Buffer.concat(pieces))
    },
  }
}

const inTwo = (at: number) => (bytes: Buffer) => [bytes.subarray(0, at), bytes.subarray(at)]
const everySo = (size: number) => (bytes: Buffer) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))

async function stored(rows: readonly Row[], codecs: Parameters<typeof backup>[0]['codecs']) {
  const driver = memory()
  const { id } = await backup({
    source: records({ texts: { records: rows } }),
    driver,
    ...(codecs ? { codecs } : {}),
  })
  return {
    driver,
    id,
    longest: Math.max(...[...driver.objects.values()].map(({ byteLength }) => byteLength)),
  }
}

let cuts = 0

async function checkThrough(driver: Driver, id: string, rows: readonly Row[], what: string): Promise<void> {
  const target = memoryTarget()
  await restore({ driver, id, target })
  const lines = [...(target.rows.get('texts')?.values() ?? [])].map((row) => JSON.stringify(row))
  if (JSON.stringify(lines) !== JSON.stringify(rows.map((row) => JSON.stringify(row))))
    expect(lines, what).toEqual(rows)
  cuts += 1
}

it('text cut at any byte, and at every byte, is restored', async () => {
  const rows = ascending(dense)
  const { driver, id, longest } = await stored(rows, [])
  for (let at = 0; at <= longest; at += byProfile({ short: 5, long: 1 }))
    await checkThrough(chunked(driver, inTwo(at)), id, rows, `in two at ${at}`)
  for (let size = 1; size <= 9; size++)
    await checkThrough(chunked(driver, everySo(size)), id, rows, `every ${size} bytes`)
})

it.each(compressionNames.filter((name) => name !== 'none'))('the same through %s', async (name) => {
  const codec = compression(name)
  const rows = ascending(dense)
  const { driver, id } = await stored(rows, codec === undefined ? [] : [codec])
  for (const size of [1, 2, 3, 5, 7, 64])
    await checkThrough(chunked(driver, everySo(size)), id, rows, `every ${size}`)
})

it('every troublesome string is restored, as an id, a name and a value, byte by byte', async () => {
  const ids = everyString.filter((text) => !/\p{Cs}/u.test(text))
  const rows = ascending(
    ids.map((id) => ({ id, [`f${id}`]: id, list: [id, { [id === '__proto__' ? 'p' : id]: id }] })),
  )
  const { driver, id } = await stored(rows, [])
  await checkThrough(chunked(driver, everySo(1)), id, rows, 'every byte')
  const halves = everyString.map((text, n) => ({ id: String(n).padStart(4, '0'), text, [`f${text}`]: text }))
  const other = await stored(halves, [])
  await checkThrough(chunked(other.driver, everySo(1)), other.id, halves, 'every byte')
})

it('salvage never splits characters, like a restore', async () => {
  const rows = ascending(dense)
  const { driver, id } = await stored(rows, [])
  for (const size of [1, 2, 3, 5]) {
    const lines: unknown[] = []
    for await (const found of salvage({ driver: chunked(driver, everySo(size)), id }))
      if (found.type === 'records') lines.push(...found.lines)
    expect(JSON.stringify(lines)).toBe(JSON.stringify(rows))
    cuts += 1
  }
})

afterAll(() =>
  record({
    suite: 'unicode',
    what: 'ways to cut what is read',
    tried: cuts,
    ended: { 'came back exactly': cuts },
  }),
)
