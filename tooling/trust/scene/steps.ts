import type { Call, Driver, Source, Target } from '@s3db-backup/core'

/** A moment in the work of a storage or a target. `after` is when it took effect and nobody knows yet. */
export interface Step {
  /** From 1, over everything that shares the counter. */
  readonly number: number
  readonly at: 'put' | 'get' | 'list' | 'delete' | 'write' | 'read'
  readonly when: 'before' | 'within' | 'after'
  readonly key: string
}

/** What happens at a step: it may throw, never settle, abort something or end the process. */
export type OnStep = (step: Step, call: Call) => void | Promise<void>

/** Wrappers that share one counter of steps. */
export interface Steps {
  readonly taken: number
  driver(inner: Driver): Driver
  target(inner: Target): Target
  source(inner: Source): Source
}

/**
 * Like `faulty` of the driver testkit, with two things more: a step after each put and delete took effect, and
 * freedom in what happens at a step.
 */
export function stepping(onStep: OnStep = () => undefined): Steps {
  let taken = 0
  const step = async (at: Step['at'], when: Step['when'], key: string, call: Call): Promise<void> => {
    taken += 1
    await onStep({ number: taken, at, when, key }, call)
  }
  async function* passing<T>(
    items: AsyncIterable<T>,
    at: Step['at'],
    key: string,
    call: Call,
  ): AsyncGenerator<T> {
    for await (const item of items) {
      await step(at, 'within', key, call)
      yield item
    }
  }

  return {
    get taken() {
      return taken
    },
    driver: (inner) => ({
      name: inner.name,
      ...(inner.capabilities === undefined ? {} : { capabilities: inner.capabilities }),
      async put(key, body, call) {
        await step('put', 'before', key, call)
        const stored = await inner.put(key, passing(body, 'put', key, call), call)
        await step('put', 'after', key, call)
        return stored
      },
      async *get(key, call) {
        await step('get', 'before', key, call)
        yield* passing(inner.get(key, call), 'get', key, call)
      },
      async *list(prefix, call) {
        await step('list', 'before', prefix, call)
        yield* inner.list(prefix, call)
        await step('list', 'after', prefix, call)
      },
      async delete(key, call) {
        await step('delete', 'before', key, call)
        await inner.delete(key, call)
        await step('delete', 'after', key, call)
      },
    }),
    source: (inner) => ({
      ...inner,
      read: (resource, call) => passing(inner.read(resource, call), 'read', resource, call),
    }),
    target: (inner) => ({
      async open(plan, call) {
        await step('write', 'before', '', call)
        await inner.open(plan, call)
      },
      async write(resource, batches, call) {
        const report = await inner.write(resource, passing(batches, 'write', resource, call), call)
        await step('write', 'after', resource, call)
        return report
      },
    }),
  }
}
