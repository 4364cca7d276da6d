import { afterEach, describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { createObject } from '../src/client/create-object.js'
import type { Client } from '../src/client/database.js'
import { readObject, writeObject } from '../src/client/objects.js'
import { quickWriting } from '../src/client/quick-writes.js'
import { call, open, ours } from './databases.js'

const { address, proxy, requests } = await s3Server()
afterEach(() => proxy.clear())

const texts = [
  'plain',
  'naïve café',
  '日本語 😀',
  ' blanks  inside ',
  'null',
  '',
  '{"a":1}',
  "it's (100) *!",
  'd:1',
]
const objects = Array.from({ length: 120 }, (_, at) => ({
  key: `resource=users/data/id=${at} ${(texts[at % texts.length] ?? '').replace(/[{}":]/g, '')}`,
  metadata: { _v: 'v1', name: texts[at % texts.length], at: String(at) },
  body: new Uint8Array(0),
  contentType: undefined,
}))

const clientOf = async (prefix: string, options: object = onS3) =>
  ours(await open(address(prefix), options)).client

const puts = () => requests().put

/** Writes all but the last few, which is enough for the quick way to be taken. */
async function warm(client: Client) {
  for (const object of objects.slice(0, 100)) await writeObject(client, object.key, object, call)
  proxy.clear()
}

const [next, another] = objects.slice(-2)
if (next === undefined || another === undefined) throw new Error('no objects')

describe('writing objects without a body to S3', () => {
  it('stores exactly what the ordinary way stores, with one request per object', async () => {
    const plain = await clientOf('plain')
    const quick = quickWriting(await clientOf('quick'))
    const events: unknown[] = []
    Reflect.get(quick, 'on').call(quick, 'cl:PutObject', (_: unknown, { key }: { key: string }) =>
      events.push(key),
    )
    for (const { key, ...object } of objects) await writeObject(plain, key, object, call)
    proxy.clear()
    for (const { key, ...object } of objects) await writeObject(quick, key, object, call)
    expect(puts()).toBe(objects.length)
    expect(events).toEqual(objects.map(({ key }) => key))
    for (const { key } of objects)
      expect(await readObject(quick, key, call), key).toEqual(await readObject(plain, key, call))
  })

  it('is done past the pool of s3db.js, which is used for the first ones', async () => {
    const client = await clientOf('pooled', { clientOptions: {} })
    let pooled = 0
    Reflect.get(client, 'on').call(client, 'pool:taskStarted', () => {
      pooled += 1
    })
    await warm(quickWriting(client))
    expect(pooled).toBeGreaterThanOrEqual(32)
    expect(pooled).toBeLessThan(50)
  })

  it('sends exactly what the ordinary way sends, whatever is in the object', async () => {
    const sent = new Map<string, Record<string, unknown>[]>()
    proxy.add({
      match: /^PUT /,
      fault: { kind: 'reset' },
      when: (headers) => {
        const { 'x-amz-meta-at': at, 'amz-sdk-request': attempt, ...rest } = headers
        const { authorization, 'x-amz-date': _date, 'amz-sdk-invocation-id': _call, ...lasting } = rest
        // The signed headers must be the same; the signature differs, because the time does.
        const names = /SignedHeaders=([^,]*)/.exec(authorization ?? '')?.[1]
        const key = `${attempt === undefined ? 'quick' : 'ordinary'}`
        sent.set(key, [...(sent.get(key) ?? []), { at, names, ...lasting }])
        return false
      },
    })
    const client = await clientOf('sent')
    const quick = quickWriting(client)
    for (const { key, ...object } of objects) await writeObject(quick, key, object, call)
    const quickly = sent.get('quick') ?? []
    expect(quickly.length).toBe(objects.length - 32)
    sent.clear()
    for (const { key, ...object } of objects.slice(32)) await writeObject(client, key, object, call)
    const withoutCall = (all: Record<string, unknown>[] = []) =>
      all.map(({ names, 'user-agent': _agent, ...one }) => ({
        ...one,
        names: String(names)
          .split(';')
          .filter((name) => !name.startsWith('amz-sdk-')),
      }))
    expect(withoutCall(quickly)).toEqual(withoutCall(sent.get('ordinary')))
  })

  it.each([
    ['end in a blank', { name: 'a name ' }],
    ['begin with one', { name: ' a name' }],
    ['are empty', { name: '' }],
  ])('is quick although values of every record %s', async (_, values) => {
    const client = quickWriting(await clientOf(`odd-${Object.values(values).join('').length}${_.length}`))
    let quick = 0
    proxy.add({
      match: /^PUT /,
      fault: { kind: 'reset' },
      when: ({ 'amz-sdk-request': attempt }) => {
        if (attempt === undefined) quick += 1
        return false
      },
    })
    const odd = { metadata: { _v: 'v1', ...values }, body: new Uint8Array(0), contentType: undefined }
    for (const { key } of objects) await writeObject(client, key, odd, call)
    expect(quick).toBe(objects.length - 32)
  })

  it('asks the SDK about the first values that differ in kind from those before', async () => {
    const client = quickWriting(await clientOf('later'))
    const plain = { metadata: { _v: 'v1', name: 'plain' }, body: new Uint8Array(0), contentType: undefined }
    for (const { key } of objects.slice(0, 100)) await writeObject(client, key, plain, call)
    const attempts: unknown[] = []
    proxy.add({
      match: /^PUT /,
      fault: { kind: 'reset' },
      when: ({ 'amz-sdk-request': attempt }) => {
        attempts.push(attempt === undefined ? 'quick' : 'ordinary')
        return false
      },
    })
    const blank = { ...plain, metadata: { _v: 'v1', name: 'blank ' } }
    for (const { key } of objects.slice(100, 103)) await writeObject(client, key, blank, call)
    expect(attempts).toEqual(['ordinary', 'quick', 'quick'])
  })

  it('is signed with the client’s current keys', async () => {
    const database = await open(address('renewed'), onS3)
    const sdk = Reflect.get(database.client, 'client')
    const { credentials } = sdk.config
    const used: unknown[] = []
    let wrong = false
    sdk.config.credentials = async () => {
      // Keys that are about to expire are requested each time.
      const keys = { ...(await credentials()), expiration: new Date() }
      return wrong ? { ...keys, accessKeyId: 'OTHERKEY', sessionToken: 'a token' } : keys
    }
    const client = quickWriting(ours(database).client)
    await warm(client)
    wrong = true
    proxy.add({
      match: /^PUT /,
      fault: { kind: 'answer', status: 403, code: 'ExpiredToken' },
      when: (headers) => {
        used.push([
          /Credential=([^/]*)/.exec(headers.authorization ?? '')?.[1],
          headers['x-amz-security-token'],
        ])
        wrong = false
        return true
      },
      times: 1,
    })
    await writeObject(client, next.key, next, call)
    expect(used[0]).toEqual(['OTHERKEY', 'a token'])
    expect(puts()).toBe(2)
    expect(await readObject(client, next.key, call)).toMatchObject({ metadata: { name: next.metadata.name } })
  })

  it('does not overwrite another writer’s object, if requested', async () => {
    const client = quickWriting(await clientOf('create'))
    for (const { key, ...object } of objects.slice(0, 100))
      expect(await createObject(client, key, object, call)).toBe('created')
    const [first] = objects
    const theirs = { metadata: { _v: 'v1', name: 'theirs' }, body: new Uint8Array(0), contentType: undefined }
    expect(await createObject(client, first?.key ?? '', theirs, call)).toBe('exists')
    proxy.clear()
    expect(await createObject(client, next.key, next, call)).toBe('created')
    expect(puts()).toBe(1)
  })

  it.each([
    ['a server that has too much to do', { kind: 'answer', status: 503, code: 'SlowDown' }, true],
    ['a connection that breaks', { kind: 'reset' }, false],
    ['an answer that is lost', { kind: 'lost-answer' }, false],
    ['a success with an error in its body', { kind: 'answer', status: 200, code: 'InternalError' }, false],
    ['an error of the server', { kind: 'answer', status: 500, code: 'InternalError' }, false],
    ['a server that does not answer', { kind: 'silence' }, false],
  ] as const)('writes the ordinary way after %s, and quickly again', async (_, fault, tooMuch) => {
    const client = quickWriting(
      await clientOf(`fault-${fault.kind}-${'status' in fault ? fault.status : 0}`),
      300,
    )
    await warm(client)
    proxy.add({ match: /^PUT /, fault, times: 1 })
    let told = false
    await writeObject(client, next.key, next, call, () => {
      told = true
    })
    expect(told).toBe(tooMuch)
    expect(puts()).toBe(2)
    expect(await readObject(client, next.key, call)).toMatchObject({ metadata: { name: next.metadata.name } })
    proxy.clear()
    await writeObject(client, another.key, another, call)
    expect(puts()).toBe(1)
  })

  it('falls back for good if only the quick way is refused', async () => {
    const client = quickWriting(await clientOf('refused'))
    await warm(client)
    const refusal = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    proxy.add({ match: /^PUT /, fault: refusal, times: 1 })
    await writeObject(client, next.key, next, call)
    expect(puts()).toBe(2)
    proxy.clear()
    proxy.add({
      match: /^PUT /,
      fault: { kind: 'reset' },
      when: ({ 'amz-sdk-request': sent }) => sent === undefined,
    })
    await writeObject(client, another.key, another, call)
    expect(puts()).toBe(1)
  })

  it('is not used if something between the client and its user changes requests', async () => {
    const database = await open(address('changed'), onS3)
    const sdk = Reflect.get(database.client, 'client')
    let seen = 0
    sdk.middlewareStack.add(
      (send: (args: unknown) => Promise<unknown>) => async (args: { request: { headers: object } }) => {
        seen += 1
        Reflect.set(args.request.headers, 'x-amz-meta-number', String(seen))
        return send(args)
      },
      { step: 'build', name: 'change' },
    )
    const client = quickWriting(ours(database).client)
    for (const { key, ...object } of objects) await writeObject(client, key, object, call)
    expect(seen).toBe(objects.length)
  })
})
