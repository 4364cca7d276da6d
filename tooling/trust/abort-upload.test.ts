import { setTimeout as pause } from 'node:timers/promises'
import { backup } from '@s3db-backup/core'
import { s3 } from '@s3db-backup/driver-s3'
import { afterAll, expect, it } from 'vitest'
import { openEndpoint } from '../s3/endpoint.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import { record } from './record.ts'
import { isNote, keysAt } from './scene/judge.ts'
import { sourceOf } from './scene/model.ts'
import { bucketOf, nothing, serverName } from './scene/places.ts'

const endpoint = await openEndpoint()
const bucket = await bucketOf(endpoint)
const proxy = await startFaultProxy(endpoint.url)
afterAll(async () => {
  await proxy.close()
  await bucket.remove()
  await endpoint.close()
})

const mebibyte = 1024 * 1024
const rows = Array.from({ length: 11 }, (_, index) => ({ id: `r${index + 10}`, text: 'x'.repeat(mebibyte) }))
const source = sourceOf({ large: rows })

/** The requests of an upload in three parts, each of which is never answered once. */
const requests = [/^POST .*\?uploads/, /partNumber=1/, /partNumber=2/, /partNumber=3/, /^POST .*uploadId=/]

it('an abort leaves no multipart upload, whichever request is in flight', async () => {
  for (const match of requests) {
    const { driver: direct, address, unfinished, remove } = await bucket.make(nothing)
    if (address.kind !== 's3') throw new Error('This is about S3.')
    proxy.clear()
    proxy.add({ match, fault: { kind: 'silence' }, times: 1 })
    const driver = s3({ ...address.options, endpoint: proxy.url, partSize: 5 * mebibyte })
    const controller = new AbortController()
    const work = backup({ source, driver, codecs: [], signal: controller.signal })
    const rejected = expect(work).rejects.toBe('enough')
    while (!proxy.log.some(({ fault }) => fault === 'silence')) await pause(5)
    controller.abort('enough')
    await rejected
    expect(await unfinished()).toEqual([])
    expect((await keysAt(direct)).filter((key) => !isNote(key))).toEqual([])
    await driver.close?.()
    await remove()
  }
  record({
    suite: 'abort',
    what: 'backup, S3: an upload in parts, each request unanswered once',
    on: serverName(endpoint),
    tried: requests.length,
    ended: { 'left no upload': requests.length },
  })
})
