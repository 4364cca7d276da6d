import { describe, expect, it } from 'vitest'
import { inFlight } from './in-flight.js'

const call = { signal: new AbortController().signal }

/** Work that ends when it is told to. */
function job() {
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { end: () => end(), ended }
}

describe('places for requests', () => {
  it('are never overbooked, and given to waiting requests in order', async () => {
    const places = inFlight(2)
    const jobs = Array.from({ length: 5 }, job)
    const begun: number[] = []
    const runs = jobs.map(({ ended }, at) =>
      places.run(() => {
        begun.push(at)
        return ended
      }, call),
    )
    await Promise.resolve()
    expect(begun).toEqual([0, 1])
    for (const [at, { end }] of jobs.entries()) {
      end()
      await runs[at]
    }
    expect(begun).toEqual([0, 1, 2, 3, 4])
  })

  it('are returned by work that fails', async () => {
    const places = inFlight(1)
    const failure = new Error('no')
    await expect(places.run(() => Promise.reject(failure), call)).rejects.toBe(failure)
    await expect(places.run(async () => 'next', call)).resolves.toBe('next')
  })

  it('are not waited for after an abort, and work aborted while waiting never starts', async () => {
    const places = inFlight(1)
    const first = job()
    const running = places.run(() => first.ended, call)
    const controller = new AbortController()
    let begun = false
    const waiting = places.run(
      async () => {
        begun = true
      },
      { signal: controller.signal },
    )
    const last = places.run(async () => 'last', call)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    first.end()
    await running
    expect(await last).toBe('last')
    expect(begun).toBe(false)
  })

  it('become fewer when work reports a refusal', async () => {
    const places = inFlight(8, () => 1)
    await places.run(async (refused) => refused(), call)
    expect(places.limit()).toBe(4)
  })
})
