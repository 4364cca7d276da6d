import fc from 'fast-check'
import { expect, it } from 'vitest'
import { onS3, s3Server } from '../../../tooling/s3/test-server.ts'
import { signerFor } from '../src/client/own-signature.js'
import { isSdkClient, type SdkAuth, type SdkRequest } from '../src/client/sdk-client.js'
import { type WatchedWrite, watchWrites, writeRequest } from '../src/client/write-pattern.js'
import { open, ours } from './databases.js'

const { address } = await s3Server()

/** A write as the SDK was about to sign it. */
async function watchedWrite(): Promise<WatchedWrite> {
  const { client } = ours(await open(address('watched'), onS3))
  const found: (WatchedWrite | undefined)[] = []
  if (!isSdkClient(client.client)) throw new Error('no SDK')
  const watching = watchWrites(client.client, (watched) => found.push(watched))
  await Object.create(client, { client: { value: watching } }).putObject({
    key: 'a key',
    metadata: {},
    body: '',
  })
  const [watched] = found
  if (watched === undefined) throw new Error('nothing was watched')
  return watched
}

/** The same, telling of each signature that is asked for. */
const telling = (auth: SdkAuth, tell: (request: SdkRequest) => void): SdkAuth => ({
  ...auth,
  signer: {
    sign(request, identity, properties) {
      tell(request)
      return auth.signer.sign(request, identity, properties)
    },
  },
})

const values = fc.string({ unit: fc.constantFrom(...' aB9~"%,:;=&+'), maxLength: 12 })
const name = fc.stringMatching(/^[a-z0-9_-]{1,6}$/).filter((text) => text !== '__proto__')

it('is that of the SDK, whatever is in keys and values', async () => {
  const { pattern, write } = await watchedWrite()
  let asked = 0
  const sign = await signerFor(
    pattern.request,
    telling(pattern.auth, () => {
      asked += 1
    }),
  )
  const theirs = (request: SdkRequest) =>
    pattern.auth.signer.sign(
      request,
      pattern.auth.identity,
      pattern.auth.httpAuthOption.signingProperties ?? {},
    )
  const writes = fc.record({
    Key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    Metadata: fc.dictionary(name, values, { noNullPrototype: true }),
    IfNoneMatch: fc.option(fc.constant('*'), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(writes, async (made) => {
      const request = writeRequest(pattern, { ...write, ...made })
      // The clock may have moved to the next second between the two.
      for (let attempt = 0; attempt < 5; attempt++) {
        const [one, other] = [
          await sign(request),
          await theirs(Object.assign(Object.create(Object.getPrototypeOf(pattern.request)), request)),
        ]
        if (one.headers['x-amz-date'] !== other.headers['x-amz-date']) continue
        expect(one).toEqual(other)
        return
      }
      throw new Error('each in a second of its own')
    }),
    { numRuns: 200 },
  )
  expect(asked).toBe(1)
})

it('is left to a custom signer', async () => {
  const { pattern } = await watchedWrite()
  let asked = 0
  const odd: SdkAuth = {
    ...pattern.auth,
    signer: {
      async sign(request, identity, properties) {
        asked += 1
        const signed = await pattern.auth.signer.sign(request, identity, properties)
        return { ...signed, headers: { ...signed.headers, 'x-signed-by': 'somebody else' } }
      },
    },
  }
  const sign = await signerFor(pattern.request, odd)
  expect((await sign(pattern.request)).headers['x-signed-by']).toBe('somebody else')
  expect(asked).toBe(2)
})

it('uses the time of the client’s signer', async () => {
  const { pattern } = await watchedWrite()
  const late = (request: SdkRequest): SdkRequest => ({
    ...request,
    headers: { ...request.headers, 'x-amz-date': '20200101T000000Z' },
  })
  const odd: SdkAuth = {
    ...pattern.auth,
    signer: { sign: async (...all) => late(await pattern.auth.signer.sign(...all)) },
  }
  const sign = await signerFor(pattern.request, odd)
  expect((await sign(pattern.request)).headers['x-amz-date']).toBe('20200101T000000Z')
})
