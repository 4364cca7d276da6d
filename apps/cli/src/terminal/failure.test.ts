import { PassThrough } from 'node:stream'
import { BackupError } from '@s3db-backup/core'
import { CommanderError } from 'commander'
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

test('a secret with spaces is hidden even if the message wraps inside it', () => {
  const passphrase = 'canary lantern orbits a violet harbour 7319'
  const { terminal, text } = screen(40)
  terminal.redactor.hide(passphrase)
  const suggestion = `Do not write ${passphrase} into the address.`
  report(new BackupError('invalid_options', `The key ${passphrase} is no key`, { suggestion }), terminal)
  for (const word of passphrase.split(' ').filter((each) => each.length > 1))
    expect(text()).not.toContain(word)
  expect(text()).toContain('The key *** is no key')
})

test('a secret with line breaks is hidden even though each line of a message is printed separately', () => {
  const secret = 'first half of it\nsecond half of it'
  const { terminal, text } = screen(80)
  terminal.redactor.hide(secret)
  report(new BackupError('invalid_options', `Cannot parse:\n${secret}`), terminal)
  expect(text()).not.toContain('half')
})

test('a suggested command uses the same destination', () => {
  const { terminal, text } = screen(200)
  const suggestion = "'s3db-backup list' shows which there are; make a key with 's3db-backup keygen'."
  const place = ' --path /mnt/backups --driver "./my driver.mjs"'
  report(new BackupError('not_found', 'No', { suggestion }), terminal, { command: 'show', place })
  expect(text()).toContain(`'s3db-backup list --path /mnt/backups --driver "./my driver.mjs"' shows`)
  expect(text()).toContain("with 's3db-backup keygen'.")
})

test('a parse error suggests the help of the same command', () => {
  const { terminal, text } = screen(80)
  const wrong = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--pth'")
  expect(report(wrong, terminal, { command: 'restore' })).toBe(2)
  expect(text()).toContain("Unknown option '--pth'\n  See 's3db-backup restore --help'.")
})

test('a warning wraps between words, and hides a secret before it wraps', () => {
  const passphrase = 'canary lantern orbits a violet harbour 7319'
  const { terminal, text } = screen(40)
  terminal.redactor.hide(passphrase)
  terminal.warn({
    message: `There is no record "nope" of that time, and the key is ${passphrase}`,
    suggestion: 'Check the id, the resources and the time.',
  })
  expect(text()).toBe(
    '! There is no record "nope" of that\n  time, and the key is ***. Check the\n  id, the resources and the time.\n',
  )
})
