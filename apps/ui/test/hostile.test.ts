import { backup, records } from '@s3db-backup/core'
import { filesystem } from '@s3db-backup/driver-filesystem'
import { expect, test } from 'vitest'
import { visible } from '../src/client/words.js'
import { plainText } from '../src/server/plain-text.js'
import { fieldChanges } from '../src/server/views/field-changes.js'
import { database, plugin, scratch, served, visitor } from './scene.js'

/* What somebody wrote into a backup in order to be looked at. */

const names = [
  '<img src=x onerror=alert(1)>',
  '\u202egpj.exe',
  'a\u0000b\r\nset-cookie: x',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'shop\u{e0041}\u{e0042}',
  '\ud800 half',
  "'; rm -rf / #",
]

test('notes, records and fields of any kind are listed and read like others', async () => {
  const path = scratch()
  const driver = filesystem({ path })
  const row = (n: number) =>
    Object.fromEntries([
      ['id', 'a'],
      ...names.map((name) => [name, `${name} ${n}`]),
      ['long', 'x'.repeat(100_000)],
    ])
  const metadata = Object.fromEntries(names.map((name) => [name, name.repeat(200)]))
  const ids: string[] = []
  for (const n of [1, 2]) {
    const made = await backup({
      ...{ driver, verify: false, metadata },
      source: records({ people: { records: [row(n), { id: names[0] ?? '', n }] } }),
    })
    ids.push(made.id)
  }
  const { json, get } = await visitor(
    await served({ plugin: plugin(await database(), { config: { path } }) }),
  )
  const { backups } = await json('/api/backups')
  expect(backups).toHaveLength(2)
  for (const value of Object.values(backups[0].tags)) expect(String(value).length).toBeLessThanOrEqual(200)
  const [, to = ''] = ids
  const query = (values: Record<string, string>) => new URLSearchParams(values).toString()
  expect(await json(`/api/records?${query({ backup: to, resource: 'people' })}`)).toMatchObject({ total: 2 })
  expect(await json(`/api/record?${query({ backup: to, resource: 'people', id: 'a' })}`)).toMatchObject({
    found: true,
  })
  const { headers } = await get(
    `/api/record?${query({ backup: to, resource: 'people', id: names[2] ?? '' })}`,
  )
  expect(headers['set-cookie']).toBeUndefined()
  for (const path of ['/api/records', '/api/record', '/api/history', '/api/resources'])
    for (const name of names) {
      const answer = await json(`${path}?${query({ backup: name, resource: name, id: name })}`)
      expect([path, name, answer.problem?.code]).toEqual([
        path,
        name,
        expect.stringMatching(/not_found|invalid/),
      ])
    }
  const long = 'x'.repeat(1500)
  for (const path of ['/api/records', '/api/record', '/api/backup', '/api/job', '/api/drill'])
    expect(
      (await json(`${path}?${query({ backup: long, resource: long, id: long, key: long })}`)).status,
    ).toBe(400)
})

test('the answer for a record with many large fields is at most a few megabytes', async () => {
  const path = scratch()
  const driver = filesystem({ path })
  const row = (n: number) =>
    Object.fromEntries([
      ['id', 'a'],
      ...Array.from({ length: 600 }, (_, at) => [`f${at}`, `${n}${'y'.repeat(1500)}`]),
    ])
  let last = ''
  for (let n = 0; n < 12; n++)
    last = (await backup({ driver, verify: false, source: records({ big: { records: [row(n)] } }) })).id
  const { get } = await visitor(await served({ plugin: plugin(await database(), { config: { path } }) }))
  const query = new URLSearchParams({ backup: last, resource: 'big', id: 'a' })
  for (const what of ['record', 'history']) {
    const { status, body } = await get(`/api/${what}?${query}`)
    expect([what, status, JSON.parse(body).cut]).toEqual([what, 200, true])
    expect([what, body.length < 4_000_000]).toEqual([what, true])
  }
})

test('the answer for the differences of two records is limited', () => {
  const big = (letter: string) =>
    Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, letter.repeat(5000)]))
  expect(JSON.stringify(fieldChanges(big('a'), big('b'))).length).toBeLessThan(1_000_000)
})

test('invisible characters are shown as codes, in the page and in messages', () => {
  const unseen = ['\u202e', '\u200b', '\u3164', '\u2800', '\u{e0041}', '\u034f', '\ufeff', '\u0007', '\ud800']
  for (const character of unseen)
    for (const shown of [visible(`a${character}b`), plainText(`a${character}b`)])
      expect([character.codePointAt(0)?.toString(16), shown]).toEqual([
        character.codePointAt(0)?.toString(16),
        expect.stringMatching(/^a\\u\{?[0-9a-f]{4,5}\}?b$/),
      ])
  for (const plain of ['Zoë', '日本', '😀', 'नमस्ते', 'e\u0301'])
    expect([visible(plain), plainText(plain)]).toEqual([plain, plain])
})
