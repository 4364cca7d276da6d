import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { listenForInterrupts } from './interrupts.js'
import { openTerminal } from './terminal/terminal.js'

/** A process that notes its end instead of ending. */
class Process extends EventEmitter {
  readonly ends: number[] = []
  exit(code: number): never {
    this.ends.push(code)
    throw new Error('the process has ended')
  }
}

function listening() {
  const fake = new Process()
  const terminal = openTerminal(process, [])
  terminal.quiet = true
  return { source: fake, interrupts: listenForInterrupts(fake, terminal, (code) => fake.exit(code)) }
}

test('the first signal only asks the work to stop', () => {
  const { source, interrupts } = listening()
  expect(interrupts.signal.aborted).toBe(false)
  source.emit('SIGINT', 'SIGINT')
  expect(interrupts.signal.aborted).toBe(true)
  expect(interrupts.exitCode()).toBe(130)
  expect(source.ends).toEqual([])
})

test('closing the terminal lets the work clean up, as SIGTERM does', () => {
  const { source, interrupts } = listening()
  source.emit('SIGHUP', 'SIGHUP')
  expect(interrupts.signal.aborted).toBe(true)
  expect(interrupts.exitCode()).toBe(129)
  expect(source.ends).toEqual([])
})

test('the second ends the process, even if the work does not', () => {
  const { source } = listening()
  source.emit('SIGINT', 'SIGINT')
  expect(() => source.emit('SIGINT', 'SIGINT')).toThrow('the process has ended')
  expect(source.ends).toEqual([130])
})

test('after the work, signals are no longer handled', () => {
  const { source, interrupts } = listening()
  interrupts.close()
  source.emit('SIGINT', 'SIGINT')
  expect(interrupts.signal.aborted).toBe(false)
})
