import { BackupError } from '@s3db-backup/core'
import { expect, test } from 'vitest'
import { inTheCommandsWords } from './command-words.js'

test.each([
  [
    'Give the option encryption with the key that the backup was made with.',
    'Give --key-file or --key-command',
  ],
  ['If it was made before, allow it (allowPlain). If not, no.', 'allow it with --allow-plain. If not'],
  ['Wait until that has finished, or delete it with force.', 'has finished, or add --force.'],
  ['Delete that one first; force deletes it anyway.', 'first; --force deletes it anyway.'],
  ['List the backups and check the id.', "'s3db-backup list' shows"],
  ['Confirm the backupId exists or run backupPlugin.list() before restoring.', "'s3db-backup list' shows"],
])('%s', (suggestion, said) => {
  const error = new BackupError('conflict', 'No', { operation: 'delete', suggestion })
  expect(inTheCommandsWords(error).suggestion).toContain(said)
})

test('the failed destination of several is named, with advice', () => {
  const advice = 'Inspect individual driver errors in error.metadata.destinations and fix the failing target.'
  const broken = new BackupError('not_found', 'No bucket', { suggestion: 'Check the name of the bucket.' })
  const metadata = { destinations: [{ name: 'near' }, { name: 'far', status: 'failed', error: broken }] }
  const error = new BackupError('unavailable', 'No', { driver: 'multi', suggestion: advice, metadata })
  expect(inTheCommandsWords(error).suggestion).toBe('far: Check the name of the bucket.')
})

test('a message that names a function names the command, and nothing else of the error changes', () => {
  const cause = new Error('below')
  const metadata = { backupId: 'x' }
  const error = new BackupError('invalid_options', 'it is weak (keygen() makes one)', { cause, metadata })
  const said = inTheCommandsWords(error)
  expect(said.message).toBe('it is weak (s3db-backup keygen makes one)')
  expect(said).toMatchObject({ code: 'invalid_options', cause, metadata, suggestion: error.suggestion })
})

test('a message that already names a command does not change', () => {
  const suggestion = '--force deletes it, s3db-backup keygen makes one.'
  expect(inTheCommandsWords(new BackupError('conflict', 'No', { suggestion })).suggestion).toBe(suggestion)
})

test.each(['permission_denied', 'conflict'] as const)(
  '%s while writing does not blame the network',
  (code) => {
    const error = new BackupError(code, 'x is a file, not a directory', { operation: 'upload' })
    expect(error.suggestion).toContain('network')
    expect(inTheCommandsWords(error).suggestion).not.toContain('network')
    const own = error.with({ suggestion: 'Move it.' })
    expect(inTheCommandsWords(own).suggestion).toBe('Move it.')
  },
)

test('a folder that cannot be created is not blamed on the network', () => {
  const error = new BackupError('not_found', 'Cannot write /proc/x', {
    operation: 'upload',
    driver: 'filesystem',
  })
  expect(inTheCommandsWords(error).suggestion).toBe(
    'That folder cannot be created: give another one to --path.',
  )
})

test('a network that fails while writing is still named', () => {
  const error = new BackupError('unavailable', 'no answer', { operation: 'upload' })
  expect(inTheCommandsWords(error).suggestion).toContain('network')
})
