import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createObject } from '../src/client/create-object.js'
import { readObject, writeObject } from '../src/client/objects.js'
import { call, type DatabaseOptions, open, ours, scratch } from './databases.js'

const at = new Date().toISOString()

const metadata = {
  _v: 'v1',
  name: 'naïve café 日本語 😀',
  blanks: '  two  ',
  status: 'active',
  looksEncoded: 'd:1',
  when: at,
  none: 'null',
}

async function clientIn(options: DatabaseOptions = {}) {
  const root = join(scratch(), 'db')
  return { root, client: ours(await open(`file://${root}`, options)).client }
}

/** Every file below a folder, but for the times that are of the moment. */
function filesIn(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const all = files.map(({ name, parentPath }): [string, string] => {
    const path = join(parentPath, name)
    return [path.slice(root.length), readFileSync(path, 'utf8').replace(/"lastModified": ".*"/, '')]
  })
  return Object.fromEntries(all)
}

const keys = ['a', 'b', 'ü', 'x.meta.json', '1'].map((id) => `resource=notes/data/id=${id}`)
const types = [undefined, 'text/odd']

test('objects without a body are stored in files exactly as s3db.js stores them', async () => {
  const theirs = await clientIn()
  const written = await clientIn()
  const created = await clientIn()
  for (const key of keys) {
    for (const contentType of types) {
      await theirs.client.putObject({ key, metadata, body: '', ...(contentType && { contentType }) })
      await writeObject(written.client, key, { metadata, body: new Uint8Array(0), contentType }, call)
    }
    const last = { metadata, body: new Uint8Array(0), contentType: types.at(-1) }
    expect(await createObject(created.client, key, last, call)).toBe('created')
    expect(await createObject(created.client, key, last, call)).toBe('exists')
  }
  expect(Object.keys(filesIn(theirs.root)).length).toBeGreaterThanOrEqual(keys.length * 2)
  for (const { root } of [written, created])
    for (const [path, content] of Object.entries(filesIn(root)).filter(([path]) => path.includes('/id=')))
      expect(content, path).toBe(filesIn(theirs.root)[path])
})

test('a database with a journal of its files gets entries for objects without a body, too', async () => {
  const { root, client } = await clientIn({ clientOptions: { journal: { enabled: true } } })
  for (const key of keys)
    await writeObject(client, key, { metadata, body: new Uint8Array(0), contentType: undefined }, call)
  const journal = readFileSync(join(root, 'operations.journal'), 'utf8')
  for (const key of keys) expect(journal).toContain(JSON.stringify(key))
})

test('metadata without a body, and a body without metadata, become a whole object', async () => {
  const { root, client } = await clientIn()
  const object = { metadata, body: new Uint8Array(0), contentType: undefined }
  for (const key of keys) await writeObject(client, key, object, call)
  const whole = filesIn(root)
  const [first = '', second = ''] = keys
  const path = (key: string) => join(root, key)
  writeFileSync(`${path(first)}.meta.json`, '{ "half')
  rmSync(path(first))
  rmSync(`${path(second)}.meta.json`)
  await expect(createObject(client, second, object, call)).rejects.toThrow('does not exist')
  expect(existsSync(`${path(second)}.meta.json`)).toBe(false)
  expect(await createObject(client, first, object, call)).toBe('created')
  await writeObject(client, second, object, call)
  expect(filesIn(root)).toEqual(whole)
})

test.each([true, false])(
  'a client whose storage treats some objects in its own way still does so (bound: %s)',
  async (bound) => {
    const { client } = await clientIn()
    const storage: unknown = Reflect.get(client, 'storage')
    if (typeof storage !== 'object' || storage === null) throw new Error('no storage')
    const put: (key: string, params: { metadata: object }) => Promise<unknown> = Reflect.get(storage, 'put')
    Reflect.set(storage, 'put', function (this: object, key: string, params: { metadata: object }) {
      const more = key.endsWith('1') ? { ...params, metadata: { ...params.metadata, more: 'own' } } : params
      return put.call(bound ? storage : this, key, more)
    })
    const object = { metadata, body: new Uint8Array(0), contentType: undefined }
    const more = async (key: string) => (await readObject(client, key, call))?.metadata.more
    for (const key of keys) {
      await writeObject(client, key, object, call)
      expect(await more(key), key).toBe(key.endsWith('1') ? 'own' : undefined)
      expect(await createObject(client, `${key}-1`, object, call)).toBe('created')
      expect(await more(`${key}-1`)).toBe('own')
    }
  },
)

test('a client that adds a body or an encoding to some objects still does so', async () => {
  const { client, root } = await clientIn()
  const { putObject } = client
  client.putObject = function withMore(put) {
    const more = put.key.endsWith('1')
      ? { body: 'more' }
      : put.key.endsWith('b')
        ? { contentEncoding: 'odd' }
        : {}
    return putObject.call(this, { ...put, ...more })
  }
  const object = { metadata, body: new Uint8Array(0), contentType: undefined }
  for (const key of keys) {
    await writeObject(client, key, object, call)
    expect(await createObject(client, `${key}-`, object, call)).toBe('created')
    expect(await createObject(client, `${key}-1`, object, call)).toBe('created')
    const body = Buffer.from((await readObject(client, key, call))?.body ?? '').toString()
    expect(body, key).toBe(key.endsWith('1') ? 'more' : '')
    const created = Buffer.from((await readObject(client, `${key}-1`, call))?.body ?? '').toString()
    expect(created, key).toBe('more')
    const described = readFileSync(`${join(root, key)}.meta.json`, 'utf8')
    expect(described.includes('"contentEncoding": "odd"'), key).toBe(key.endsWith('b'))
  }
})

test('a client that transforms bodies returns them as its user would get them', async () => {
  const { client } = await clientIn()
  const { putObject, getObject } = client
  const turned = (bytes: Uint8Array) => Buffer.from(bytes).reverse()
  client.putObject = function turn(put) {
    return putObject.call(this, { ...put, body: turned(Buffer.from(put.body)) })
  }
  client.getObject = async function turn(key) {
    const answer = await getObject.call(this, key)
    const bytes = turned((await answer.Body?.transformToByteArray?.()) ?? new Uint8Array(0))
    return { ...answer, Body: { transformToByteArray: async () => bytes } }
  }
  for (const [at, key] of keys.entries()) {
    const object = { metadata, body: Buffer.from(at === 0 ? '' : 'a text'), contentType: 'text/odd' }
    await writeObject(client, key, object, call)
    const found = await readObject(client, key, call)
    expect(Buffer.from(found?.body ?? '').toString()).toBe(object.body.toString())
    expect(found).toMatchObject({ metadata: { name: metadata.name }, contentType: 'text/odd' })
  }
})
