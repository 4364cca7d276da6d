import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inPieces, settle, thenSilence, thenThrows, toArray, toBytes, watched } from '../../test/streams.js'
import { throughTransform } from './zlib.js'

const { signal } = new AbortController()
const text = Buffer.from('the quick brown fox '.repeat(5000))
const reason = new Error('stop')

describe('throughTransform', () => {
  it('yields the output of the transform', async () => {
    expect(
      gunzipSync(await toBytes(throughTransform(inPieces(text, [7, 1000]), createGzip(), signal))).equals(
        text,
      ),
    ).toBe(true)
  })

  it('takes empty chunks', async () => {
    const chunks = watched([Buffer.alloc(0), text, Buffer.alloc(0)])
    expect(gunzipSync(await toBytes(throughTransform(chunks, createGzip(), signal))).equals(text)).toBe(true)
  })

  it('throws for truncated bytes', async () => {
    const cut = gzipSync(text).subarray(0, -1)
    await expect(
      toBytes(throughTransform(inPieces(cut, [50]), createGunzip(), signal)),
    ).rejects.toMatchObject({ code: 'Z_BUF_ERROR' })
  })

  it('throws for bytes that are something else', async () => {
    await expect(toBytes(throughTransform(inPieces(text, []), createGunzip(), signal))).rejects.toMatchObject(
      { code: 'Z_DATA_ERROR' },
    )
  })

  it('throws the error of the body unchanged', async () => {
    const failure = Object.assign(new Error('disk'), { code: 'EIO' })
    await expect(toBytes(throughTransform(thenThrows(failure, text), createGzip(), signal))).rejects.toBe(
      failure,
    )
    await expect(toBytes(throughTransform(thenThrows(failure), createGzip(), signal))).rejects.toBe(failure)
  })

  it('throws the reason when it is aborted while the body is silent', async () => {
    const controller = new AbortController()
    const reading = toBytes(throughTransform(thenSilence(text), createGzip(), controller.signal))
    await settle()
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })

  it('lets the body finish when the reader stops early', async () => {
    const body = watched(Array(1000).fill(text))
    for await (const _ of throughTransform(body, createGzip({ level: 0 }), signal)) break
    await settle()
    expect(body.finished()).toBe(true)
  })

  it('does not read ahead of its reader without end', async () => {
    let read = 0
    const body = async function* () {
      for (;;) {
        read += 1
        yield text
      }
    }
    const reader = throughTransform(body(), createGzip({ level: 0 }), signal)
    await reader.next()
    await settle()
    expect(read).toBeLessThan(20)
    await reader.return(undefined)
  })

  it('throws the value that the body throws, even if it is not an error', async () => {
    for (const failure of ['text', undefined, null]) {
      const reading = toBytes(throughTransform(thenThrows(failure, text), createGzip(), signal))
      expect(await reading.then(String, (error: unknown) => ({ error }))).toEqual({ error: failure })
    }
  })

  it('leaves no unhandled rejection when the reader stops after a failure', async () => {
    const reader = throughTransform(thenThrows(reason, text), createGzip({ level: 0 }), signal)
    await reader.next().catch(() => undefined)
    await settle()
    await reader.return(undefined)
    expect(await toArray(reader)).toEqual([])
  })
})
