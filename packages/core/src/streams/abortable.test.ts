import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { deferred, settle, thenSilence, thenThrows, toArray, watched } from '../../test/streams.js'
import { abortable, untilAborted, untilCleanedUp } from './abortable.js'

const reason = new Error('stop')

describe('abortable', () => {
  it('passes every item on, and ends', async () => {
    const signal = new AbortController().signal
    expect(await toArray(abortable(watched([1, 2, 3]), signal))).toEqual([1, 2, 3])
  })

  it('throws the reason although the source is silent', async () => {
    const controller = new AbortController()
    const reading = toArray(abortable(thenSilence(1), controller.signal))
    await settle()
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })

  it('does not touch the source if the signal has aborted before', async () => {
    let touched = false
    const source = {
      [Symbol.asyncIterator]() {
        touched = true
        return thenSilence()
      },
    }
    await expect(toArray(abortable(source, AbortSignal.abort(reason)))).rejects.toBe(reason)
    expect(touched).toBe(false)
  })

  it('lets the source finish when the reader stops early', async () => {
    const source = watched([1, 2, 3])
    for await (const _ of abortable(source, new AbortController().signal)) break
    expect(source.finished()).toBe(true)
  })

  it('lets the source finish when the abort comes between two items', async () => {
    const controller = new AbortController()
    const source = watched([1, 2, 3])
    const reading = async () => {
      for await (const _ of abortable(source, controller.signal)) controller.abort(reason)
    }
    await expect(reading()).rejects.toBe(reason)
    await settle()
    expect(source.finished()).toBe(true)
  })

  it('passes on the error of the source', async () => {
    const failure = new Error('disk')
    await expect(toArray(abortable(thenThrows(failure, 1), new AbortController().signal))).rejects.toBe(
      failure,
    )
  })

  it('does not wait for ever for a source that does not finish', async () => {
    const controller = new AbortController()
    const stuck: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => new Promise(() => undefined),
      }),
    }
    const reading = (async () => {
      for await (const _ of abortable(stuck, controller.signal)) break
    })()
    await settle()
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })

  it('leaves nothing unhandled when the abandoned source throws later', async () => {
    const controller = new AbortController()
    let breakOff: (error: unknown) => void = () => undefined
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((_, reject) => {
            breakOff = reject
          }),
        return: () => {
          throw new Error('cannot finish')
        },
      }),
    }
    const reading = toArray(abortable(source, controller.signal))
    await settle()
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    breakOff(new Error('too late'))
    await settle()
  })

  it('leaves no listener behind, however many steps it took', async () => {
    const { signal, added, removed } = countingSignal()
    let steps = 0
    for await (const _ of abortable(watched(Array(100_000).keys()), signal)) steps += 1
    expect(steps).toBe(100_000)
    expect(added()).toBeGreaterThan(0)
    expect(removed()).toBe(added())
  })
})

describe('untilAborted', () => {
  it('leaves one listener at the signal while any number wait, and none afterwards', async () => {
    const { signal } = new AbortController()
    const listeners = () => getEventListeners(signal, 'abort').length
    const work = Array.from({ length: 20 }, () => deferred<void>())
    const all = Promise.all(work.map(({ promise }) => untilAborted(() => promise, signal)))
    expect(listeners()).toBe(1)
    for (const { resolve } of work) resolve()
    await all
    expect(listeners()).toBe(0)
    await untilAborted(async () => expect(listeners()).toBe(1), signal)
    expect(listeners()).toBe(0)
  })

  it('ends all that wait when the signal aborts', async () => {
    const controller = new AbortController()
    const all = Array.from({ length: 3 }, () =>
      untilAborted(() => new Promise<never>(() => undefined), controller.signal),
    )
    controller.abort(reason)
    expect(await Promise.allSettled(all)).toEqual(all.map(() => ({ status: 'rejected', reason })))
  })

  it('settles as the work does', async () => {
    const { signal } = new AbortController()
    await expect(untilAborted(async () => 1, signal)).resolves.toBe(1)
    await expect(untilAborted(() => Promise.reject(reason), signal)).rejects.toBe(reason)
  })

  it('leaves no listener behind when the work throws before it returns', async () => {
    const { signal, added, removed } = countingSignal()
    const work = () => {
      throw reason
    }
    await expect(untilAborted(work, signal)).rejects.toBe(reason)
    expect(removed()).toBe(added())
  })

  it('leaves nothing unhandled when the abandoned work fails later', async () => {
    const controller = new AbortController()
    const work = deferred<void>()
    const waiting = untilAborted(() => work.promise, controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    work.reject(new Error('too late'))
    await settle()
  })
})

describe('untilCleanedUp', () => {
  it('waits for work that cleans up after the abort', async () => {
    const controller = new AbortController()
    const work = deferred<string>()
    const waiting = untilCleanedUp(() => work.promise, controller.signal, 60_000)
    controller.abort(reason)
    await settle()
    work.resolve('cleaned up')
    await expect(waiting).resolves.toBe('cleaned up')
  })

  it('gives up on work that never ends', async () => {
    const controller = new AbortController()
    const waiting = untilCleanedUp(() => new Promise(() => undefined), controller.signal, 1)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })
})

function countingSignal() {
  const { signal } = new AbortController()
  let added = 0
  let removed = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added += 1
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    removed += 1
    remove(...args)
  }
  return { signal, added: () => added, removed: () => removed }
}
