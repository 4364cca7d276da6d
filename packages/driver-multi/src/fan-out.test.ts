import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fanOut } from './fan-out.js'

type End = 'reads all' | 'never reads' | { readonly leavesAfter: number }

const chunks = fc.array(fc.uint8Array({ minLength: 0, maxLength: 9 }), { maxLength: 12 })
const ends = fc.array(
  fc.oneof(
    fc.constant<End>('reads all'),
    fc.constant<End>('never reads'),
    fc.nat(5).map((leavesAfter): End => ({ leavesAfter })),
  ),
  { minLength: 1, maxLength: 5 },
)

test('every remaining reader gets the exact bytes, for any chunks and when others leave', async () => {
  await fc.assert(
    fc.asyncProperty(chunks, ends, fc.scheduler(), async (given, readers, scheduler) => {
      const steps = { yielded: 0, finished: false }
      const fan = fanOut(yielding(given, steps), readers.length)
      const got = readers.map(async (end, index) => {
        const branch = fan.branches[index]!
        const seen: Uint8Array[] = []
        if (end === 'never reads') await scheduler.schedule(Promise.resolve())
        else {
          for await (const chunk of branch) {
            seen.push(chunk)
            await scheduler.schedule(Promise.resolve())
            if (typeof end === 'object' && seen.length >= end.leavesAfter) break
          }
        }
        branch.leave()
        return Buffer.concat(seen)
      })
      await scheduler.waitFor(Promise.all(got))
      await fan.close()

      for (const [index, end] of readers.entries()) {
        if (end === 'reads all') expect(await got[index]).toEqual(Buffer.concat(given))
      }
      if (steps.yielded > 0) expect(steps.finished).toBe(true)
    }),
  )
})

test('the next chunk is read only once every remaining reader has asked for it', async () => {
  const steps = { yielded: 0, finished: false }
  const fan = fanOut(yielding([Buffer.from('a'), Buffer.from('b'), Buffer.from('c')], steps), 2)
  const [quick, late] = fan.branches.map((branch) => branch[Symbol.asyncIterator]())

  const first = quick!.next()
  expect(steps.yielded).toBe(0)
  await Promise.all([first, late!.next()])
  expect(steps.yielded).toBe(1)
  const second = quick!.next()
  await new Promise(setImmediate)
  expect(steps.yielded).toBe(1)
  fan.branches[1]!.leave()
  await second
  expect(steps.yielded).toBe(2)
})

test('a body that throws throws at every reader', async () => {
  const lost = new Error('the database is gone')
  const fan = fanOut(
    (async function* () {
      yield Buffer.from('a')
      throw lost
    })(),
    2,
  )
  const read = async (index: number) => {
    for await (const _ of fan.branches[index]!);
  }

  await expect(Promise.allSettled([read(0), read(1)])).resolves.toEqual([
    { status: 'rejected', reason: lost },
    { status: 'rejected', reason: lost },
  ])
  expect(fan.broken).toEqual({ error: lost })
})

async function* yielding(chunks: readonly Uint8Array[], steps: { yielded: number; finished: boolean }) {
  try {
    for (const chunk of chunks) {
      steps.yielded += 1
      yield chunk
    }
  } finally {
    steps.finished = true
  }
}
