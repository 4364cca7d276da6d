import { expect, it, onTestFinished } from 'vitest'
import { followSignal } from './follow-signal.js'

it('aborts with the reason of the signal that it follows', () => {
  const controller = new AbortController()
  const followed = followSignal(undefined, controller.signal, new AbortController().signal)
  expect(followed.aborted).toBe(false)
  controller.abort(new Error('enough'))
  expect(followed.reason).toEqual(new Error('enough'))
})

it('never aborts if there is nothing to follow', () => {
  expect(followSignal(undefined).aborted).toBe(false)
})

it('takes a hundred listeners without a warning', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const followed = followSignal(new AbortController().signal)
  for (let i = 0; i < 100; i++) followed.addEventListener('abort', () => undefined)
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})
