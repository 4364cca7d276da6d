import { describe, expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import type { Client } from '../src/client/database.js'
import { readObject, writeObject } from '../src/client/objects.js'
import { quickWriting } from '../src/client/quick-writes.js'
import { quickReads } from '../src/reading/quick-reads.js'
import { call, open, ours } from './databases.js'

const { address } = await s3Server()

/** Of these only the last ones are changed by what lies between a client and the server: they are another resource's. */
const keys = Array.from({ length: 100 }, (_, at) => `resource=${at < 80 ? 'notes' : 'secrets'}/data/id=${at}`)
const isSecret = (key: unknown) => typeof key === 'string' && key.includes('resource=secrets/')
const object = { metadata: { _v: 'v1', name: 'a name' }, body: new Uint8Array(0), contentType: undefined }

interface Args {
  input: { Key?: string; Metadata?: Record<string, string> }
  request?: { headers: Record<string, string> }
}
type Next = (args: Args) => Promise<{ output: { Metadata?: Record<string, string> } }>

const reversed = (metadata: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, [...value].reverse().join('')]))

/** As encryption on the way would: what is stored is not what the client was given. */
const atTheStart = (next: Next) => async (args: Args) => {
  if (!isSecret(args.input.Key)) return next(args)
  const { Metadata, ...input } = args.input
  const answer = await next({ ...args, input: Metadata ? { ...input, Metadata: reversed(Metadata) } : input })
  return answer.output.Metadata === undefined
    ? answer
    : { ...answer, output: { ...answer.output, Metadata: reversed(answer.output.Metadata) } }
}

const afterSigning = (next: Next) => async (args: Args) => {
  if (isSecret(args.input.Key) && args.request) args.request.headers['x-tagged'] = 'secret'
  return next(args)
}

async function clientOf(prefix: string) {
  const { client } = ours(await open(address(prefix), onS3))
  const sdk = client.client
  if (typeof sdk !== 'object' || sdk === null) throw new Error('no SDK')
  return { client, sdk }
}

const addStep = (sdk: object, step: unknown, options: object) => {
  const stack = Reflect.get(sdk, 'middlewareStack')
  stack.add(step, options)
}

/** A client that wraps `send`, as mocks and tracers do. */
const wrapSend = (sdk: object) => {
  const send: (command: { input: Args['input'] }) => Promise<{ Metadata?: Record<string, string> }> =
    Reflect.get(sdk, 'send')
  Reflect.set(sdk, 'send', async function (this: object, command: { input: Args['input'] }) {
    const secret = isSecret(command.input.Key)
    if (secret && command.input.Metadata) command.input.Metadata = reversed(command.input.Metadata)
    const answer = await send.call(this, command)
    return secret && answer.Metadata ? { ...answer, Metadata: reversed(answer.Metadata) } : answer
  })
}

const ways: [string, (sdk: object) => void][] = [
  [
    'a step of the SDK that changes metadata',
    (sdk) => addStep(sdk, atTheStart, { step: 'initialize', name: 'reverse' }),
  ],
  ['a step of the SDK without a name', (sdk) => addStep(sdk, atTheStart, { step: 'initialize' })],
  ['a changed method of the SDK', wrapSend],
]

describe.each(ways)('%s, for some of the objects', (what, change) => {
  const prefix = what.replaceAll(' ', '-')

  it('changes those that a restore writes', async () => {
    const { client, sdk } = await clientOf(prefix)
    const plain = (await clientOf(prefix)).client
    change(sdk)
    const writing = quickWriting(client)
    for (const key of keys) await writeObject(writing, key, object, call)
    for (const key of keys)
      expect((await readObject(plain, key, call))?.metadata, key).toEqual(
        isSecret(key) ? reversed(object.metadata) : object.metadata,
      )
  })

  it('changes those that a backup reads', async () => {
    const { client, sdk } = await clientOf(prefix)
    change(sdk)
    for (const key of keys) await client.putObject({ key, metadata: object.metadata, body: '' })
    const quick = quickReads(client)
    for (const key of keys) {
      const found = await quick.read({ key }, call)
      if (found !== 'ordinary') expect(found, key).toMatchObject({ metadata: object.metadata })
    }
  })
})

it('a header that is added after signing is sent with each object', async () => {
  const { client, sdk } = await clientOf('tagged')
  let tagged = 0
  addStep(sdk, afterSigning, { step: 'finalizeRequest', priority: 'low', name: 'tag' })
  addStep(
    sdk,
    (next: Next) => async (args: Args) => {
      if (args.request?.headers['x-tagged'] !== undefined) tagged += 1
      return next(args)
    },
    { step: 'deserialize', priority: 'low', name: 'count' },
  )
  const writing = quickWriting(client)
  for (const key of keys) await writeObject(writing, key, object, call)
  expect(tagged).toBe(20)
})

it('a client that adds a body to some objects stores it', async () => {
  const { client } = await clientOf('bodies')
  const own = Object.create(client, {
    putObject: {
      value(this: Client, put: Parameters<Client['putObject']>[0]) {
        return client.putObject.call(this, isSecret(put.key) ? { ...put, body: 'more' } : put)
      },
    },
  })
  const writing = quickWriting(own)
  for (const key of keys) await writeObject(writing, key, object, call)
  for (const key of keys)
    expect(Buffer.from((await readObject(client, key, call))?.body ?? '').toString(), key).toBe(
      isSecret(key) ? 'more' : '',
    )
})
