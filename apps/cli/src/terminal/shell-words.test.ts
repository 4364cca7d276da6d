import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atPlace, shellWord } from './shell-words.js'

test('a shell reads every word back unchanged', () => {
  const words = fc
    .string({
      unit: fc.oneof(fc.constantFrom(...'!$`"\'\\ \n\t;&|*?~#'), fc.string({ minLength: 1, maxLength: 1 })),
    })
    .filter((word) => !word.includes('\0'))
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 30 }), (some) => {
      const script = `printf '%s\\0' ${some.map(shellWord).join(' ')}`
      expect(execFileSync('bash', ['-c', script]).toString().split('\0').slice(0, -1)).toEqual(some)
    }),
    { numRuns: 20 },
  )
})

test('advice includes the destination, except for commands without one', () => {
  expect(atPlace("Try 's3db-backup list --all' or 's3db-backup keygen'.", ' --path "my backups"')).toBe(
    `Try 's3db-backup list --all --path "my backups"' or 's3db-backup keygen'.`,
  )
  expect(atPlace("See 's3db-backup list --help'.", ' --path x')).toBe("See 's3db-backup list --help'.")
})
