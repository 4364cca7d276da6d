import assert from 'node:assert/strict'
import type { ContractCase } from '../contract-case.js'
import { promptly, rejection } from '../scene.js'

/** No storage has a clock that is so wrong; one that counts in seconds, or from another year, has. */
const [earliest, latest] = [Date.UTC(2020), Date.UTC(2200)]

export const clockCases: readonly ContractCase[] = [
  {
    id: 'clock-time',
    title: 'clock resolves with a time',
    requires: 'clock',
    async run({ driver, signal }) {
      const time: unknown = await driver.clock?.({ signal })
      assert.ok(time instanceof Date, `clock resolves with ${String(time)}, not with a Date`)
      assert.ok(
        time.getTime() > earliest && time.getTime() < latest,
        `clock says ${Number.isNaN(time.getTime()) ? 'no time' : time.toISOString()}`,
      )
    },
  },
  {
    id: 'clock-aborted-before',
    title: 'clock with an aborted signal rejects with the reason',
    requires: 'clock',
    async run(context) {
      const reason = new Error('stopped on purpose')
      const asked = Promise.resolve(context.driver.clock?.({ signal: AbortSignal.abort(reason) }))
      const error = await promptly(context, rejection(asked, 'clock after an abort'), 'clock after an abort')
      assert.equal(error, reason, `clock rejects with ${String(error)}, not with the reason of the abort`)
    },
  },
]
