import { describe, expect, it } from 'vitest'
import { settle, toArray } from '../../test/streams.js'
import { channel } from './channel.js'

const reason = new Error('no more')

/** What became of a promise so far. */
async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending'
  promise.then(
    () => {
      state = 'resolved'
    },
    () => {
      state = 'rejected'
    },
  )
  await settle()
  return state
}

describe('channel', () => {
  it('hands items over in order and ends', async () => {
    const pipe = channel<number>()
    const reading = toArray(pipe)
    for (const item of [1, 2, 3]) await pipe.send(item)
    pipe.end()
    expect(await reading).toEqual([1, 2, 3])
  })

  it('holds the writer back until the reader asks', async () => {
    const pipe = channel<number>()
    const sent = pipe.send(1)
    expect(await stateOf(sent)).toBe('pending')
    const reader = pipe[Symbol.asyncIterator]()
    await reader.next()
    expect(await stateOf(sent)).toBe('resolved')
    expect(await stateOf(pipe.send(2))).toBe('pending')
  })

  it('hands over what was sent before it fails', async () => {
    const pipe = channel<number>()
    void pipe.send(1)
    pipe.fail(reason)
    const reader = pipe[Symbol.asyncIterator]()
    expect(await reader.next()).toEqual({ done: false, value: 1 })
    await expect(reader.next()).rejects.toBe(reason)
  })

  it('makes a reader that waits throw', async () => {
    const pipe = channel<number>()
    const reading = toArray(pipe)
    await settle()
    pipe.fail(reason)
    await expect(reading).rejects.toBe(reason)
  })

  it('rejects sends, pending and later, once abandoned', async () => {
    const pipe = channel<number>()
    const sent = pipe.send(1)
    pipe.abandon(reason)
    await expect(sent).rejects.toBe(reason)
    await expect(pipe.send(2)).rejects.toBe(reason)
  })

  it('lets a reader that waits come to an end once abandoned', async () => {
    const pipe = channel<number>()
    const reading = toArray(pipe)
    await settle()
    pipe.abandon(reason)
    expect(await reading).toEqual([])
  })

  it('tells the writer when the reader stops early', async () => {
    const pipe = channel<number>()
    const sent = pipe.send(1)
    for await (const _ of pipe) break
    await sent
    await expect(pipe.send(2)).rejects.toThrow('The reader stopped before the end.')
  })

  it('tells the writer when the reader gives up before it read anything', async () => {
    const pipe = channel<number>()
    const sent = pipe.send(1)
    const rejected = expect(sent).rejects.toThrow('The reader stopped before the end.')
    await pipe[Symbol.asyncIterator]().return?.()
    await rejected
  })
})
