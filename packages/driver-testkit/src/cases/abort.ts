import assert from 'node:assert/strict'
import { endless, patterned, silent } from '../bodies.js'
import { type CaseContext, type ContractCase, guarded } from '../contract-case.js'
import { assertNothing, assertStored, latch, names, promptly, rejection, store } from '../scene.js'

/** This very object must come back: callers tell by it whether it was they who stopped. */
const reason = new Error('stopped on purpose')

/** Enough for a storage to begin an upload in parts, in bytes. */
const begunUpload = 6 * 1024 * 1024

const silentBody: ContractCase = {
  id: 'put-abort-silent',
  title: 'put settles on abort while the body is silent, and nothing remains',
  async run(context) {
    const controller = new AbortController()
    const silence = latch()
    const body = silent(silence.open, begunUpload)
    const put = context.driver.put(`${context.prefix}hanging`, body, {
      kind: 'part',
      signal: controller.signal,
    })
    await Promise.race([silence.opened, put])
    controller.abort(reason)
    await assertStopped(context, put, 'put')
    await assertNothing(context)
  },
}

const whileReading: ContractCase = {
  id: 'get-abort',
  title: 'get throws the reason at the next read after an abort',
  async run(context) {
    const key = await store(context, 'long', 4_000_000)
    const controller = new AbortController()
    const iterator = context.driver
      .get(key, { kind: 'part', signal: controller.signal })
      [Symbol.asyncIterator]()
    await iterator.next()
    controller.abort(reason)
    await assertStopped(context, iterator.next(), 'get')
    await assertStored(context, key, 4_000_000)
  },
}

const whileListing: ContractCase = {
  id: 'list-abort',
  title: 'list throws the reason at the next entry after an abort',
  async run(context) {
    for (const name of ['a/1', 'b/1', 'c/1']) await store(context, name)
    const controller = new AbortController()
    const iterator = context.driver
      .list(context.prefix, { signal: controller.signal })
      [Symbol.asyncIterator]()
    await iterator.next()
    controller.abort(reason)
    await assertStopped(context, iterator.next(), 'list')
  },
}

export const abortCases: readonly ContractCase[] = [
  {
    id: 'put-aborted-before',
    title: 'put with an aborted signal rejects with the reason and stores nothing',
    async run(context) {
      const put = context.driver.put(`${context.prefix}never`, patterned(1000), {
        kind: 'part',
        signal: AbortSignal.abort(reason),
      })
      await assertStopped(context, put, 'put')
      await assertNothing(context)
    },
  },
  {
    id: 'get-aborted-before',
    title: 'get with an aborted signal rejects with the reason',
    async run(context) {
      const key = await store(context, 'object')
      const iterator = context.driver
        .get(key, { kind: 'part', signal: AbortSignal.abort(reason) })
        [Symbol.asyncIterator]()
      await assertStopped(context, iterator.next(), 'get')
    },
  },
  {
    id: 'list-aborted-before',
    title: 'list with an aborted signal rejects with the reason',
    async run(context) {
      await store(context, 'object')
      const iterator = context.driver
        .list(context.prefix, { signal: AbortSignal.abort(reason) })
        [Symbol.asyncIterator]()
      await assertStopped(context, iterator.next(), 'list')
    },
  },
  {
    id: 'delete-aborted-before',
    title: 'delete with an aborted signal rejects with the reason and deletes nothing',
    async run(context) {
      const key = await store(context, 'kept')
      await assertStopped(
        context,
        context.driver.delete(key, { signal: AbortSignal.abort(reason) }),
        'delete',
      )
      await assertStored(context, key)
    },
  },
  silentBody,
  guarded(silentBody),
  {
    id: 'put-abort-endless',
    title: 'put settles on abort while the body never ends, closes the body, and nothing remains',
    async run(context) {
      const controller = new AbortController()
      const ended = latch()
      const body = async function* () {
        try {
          yield* goingOn(100, controller)
        } finally {
          ended.open()
        }
      }
      await assertStopped(
        context,
        context.driver.put(`${context.prefix}endless`, body(), { kind: 'part', signal: controller.signal }),
        'put',
      )
      await promptly(context, ended.opened, 'the body')
      await assertNothing(context)
    },
  },
  {
    id: 'put-abort-others',
    title: 'an abort stops only the call that it belongs to',
    async run(context) {
      const controller = new AbortController()
      const body = goingOn(3, controller)
      const stopped = context.driver.put(`${context.prefix}shared/stopped`, body, {
        kind: 'part',
        signal: controller.signal,
      })
      const [key] = await Promise.all([
        store(context, 'shared/kept', 900_000),
        assertStopped(context, stopped, 'put'),
      ])
      assert.deepEqual(await names(context), ['shared/kept'])
      await assertStored(context, key, 900_000)
    },
  },
  whileReading,
  whileListing,
  {
    id: 'delete-abort',
    title: 'delete settles on abort: it resolves, or rejects with the reason',
    async run(context) {
      const key = await store(context, 'doomed')
      const controller = new AbortController()
      const deleted = context.driver.delete(key, { signal: controller.signal }).then(
        () => reason,
        (error: unknown) => error,
      )
      controller.abort(reason)
      assert.equal(
        await promptly(context, deleted, 'delete'),
        reason,
        'delete rejects with something else than the reason',
      )
      // Either way the storage is consistent: every listed object can be read.
      for (const name of await names(context)) await assertStored(context, context.prefix + name)
    },
  },
]

/** Aborts after so many chunks and goes on, but not for ever: a driver that pays no heed must not fill the storage. */
async function* goingOn(until: number, controller: AbortController): AsyncGenerator<Uint8Array> {
  let yielded = 0
  for await (const chunk of endless()) {
    if (yielded === until) controller.abort(reason)
    if (yielded === until + 500) return
    yield chunk
    yielded += 1
  }
}

async function assertStopped(context: CaseContext, promise: Promise<unknown>, what: string): Promise<void> {
  const error = await promptly(
    context,
    rejection(promise, `${what} after an abort`),
    `${what} after an abort`,
  )
  assert.equal(error, reason, `${what} rejects with ${String(error)}, not with the reason of the abort`)
}
