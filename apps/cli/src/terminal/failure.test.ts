import { PassThrough } from 'node:stream'
import { BackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { report } from './failure.js'
import { openTerminal } from './terminal.js'

/** A terminal with a screen of so many columns, and what was written to its stderr. */
function screen(columns: number) {
  const written: string[] = []
  const stream = () =>
    Object.assign(new PassThrough(), { isTTY: true, columns }) as unknown as NodeJS.WriteStream
  const [stdout, stderr] = [stream(), stream()]
  stderr.on('data', (chunk: Buffer) => void written.push(chunk.toString()))
  const terminal = openTerminal({ stdin: process.stdin, stdout, stderr, env: {} }, ['--no-color'])
  return { terminal, text: () => written.join('') }
}

test('a secret with spaces is hidden although the message is broken into lines inside of it', () => {
  const passphrase = 'canary lantern orbits a violet harbour 7319'
  const { terminal, text } = screen(40)
  terminal.redactor.hide(passphrase)
  const suggestion = `Do not write ${passphrase} into the address.`
  report(new BackupError('invalid_options', `The key ${passphrase} is no key`, { suggestion }), terminal)
  for (const word of passphrase.split(' ').filter((each) => each.length > 1))
    expect(text()).not.toContain(word)
  expect(text()).toContain('The key *** is no key')
})

test('a secret with line ends is hidden although each line of a message is printed for itself', () => {
  const secret = 'first half of it\nsecond half of it'
  const { terminal, text } = screen(80)
  terminal.redactor.hide(secret)
  report(new BackupError('invalid_options', `Cannot parse:\n${secret}`), terminal)
  expect(text()).not.toContain('half')
})
