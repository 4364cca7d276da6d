import assert from 'node:assert/strict'
import { failing } from '../bodies.js'
import { type ContractCase, guarded } from '../contract-case.js'
import { assertAbsent, assertNothing, assertStored, promptly, rejection, store } from '../scene.js'

const bodyError: ContractCase = {
  id: 'put-body-error',
  title: "put rejects with the body's own error, and nothing of the object remains",
  async run(context) {
    const key = `${context.prefix}broken`
    const own = new Error('the body broke off')
    const put = context.driver.put(key, failing(own, 200_000), { kind: 'part', signal: context.signal })
    assert.equal(
      await rejection(put, 'put of a body that fails'),
      own,
      "put rejects with another error than the body's",
    )
    await assertAbsent(context, key)
    await assertNothing(context)
  },
}

export const putFailureCases: readonly ContractCase[] = [
  bodyError,
  guarded(bodyError),
  {
    id: 'put-again-after-failure',
    title: 'a key whose put failed can be put again',
    async run(context) {
      const key = `${context.prefix}again`
      const put = context.driver.put(key, failing(new Error('the body broke off')), {
        kind: 'part',
        signal: context.signal,
      })
      await rejection(put, 'put of a body that fails')
      await store(context, 'again', 777)
      await assertStored(context, key, 777)
    },
  },
  {
    id: 'put-fails-at-once',
    title: 'put rejects when the body fails before its first byte',
    async run(context) {
      const own = new Error('nothing came')
      const put = context.driver.put(`${context.prefix}none`, failing(own, 0), {
        kind: 'part',
        signal: context.signal,
      })
      assert.equal(await promptly(context, rejection(put, 'put of a body that fails'), 'put'), own)
      await assertNothing(context)
    },
  },
]
