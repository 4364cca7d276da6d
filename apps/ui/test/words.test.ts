import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, commandLine, idOptions, length, shellWord, visible } from '../src/client/words.js'

/** The words of a line, as bash reads them. */
function words(line: string): string[] {
  const out = execFileSync('bash', ['--norc', '-c', `s3db-backup() { printf '%s\\0' "$@"; }; ${line}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
  })
  return out.split('\0').slice(0, -1)
}

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom("'", '"', '\\', '$', '`', '!', '\n', '\u202e', ' ', '-', '*'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 12,
  })
  .filter((one) => !one.includes('\0') && one.isWellFormed())

test('a shell reads every word of a command back unchanged', () => {
  const law = fc.property(fc.array(text, { minLength: 1, maxLength: 60 }), (some) => {
    expect(words(`s3db-backup ${some.map(shellWord).join(' ')}`)).toEqual(some)
  })
  fc.assert(law, { numRuns: 12 })
})

test('a command separates its options from arguments that start with a dash', () => {
  expect(commandLine(['cat', 'full-1', 'users'], { '--from': 'a b' }, ' --path /x')).toBe(
    "s3db-backup cat full-1 users --from 'a b' --path /x",
  )
  expect(words(commandLine(['history', 'users', '-rf'], { '--diff': true }))).toEqual([
    'history',
    '--diff',
    '--',
    'users',
    '-rf',
  ])
})

test('ids with a comma are given line by line', () => {
  expect(idOptions(['a', 'b'])).toEqual({ before: '', options: { '--ids': 'a,b' } })
  const { before, options } = idOptions(['a,b', "it's"])
  expect(options).toEqual({ '--ids-from': '-' })
  expect(execFileSync('bash', ['--norc', '-c', `${before}cat`], { encoding: 'utf8' })).toBe("a,b\nit's\n")
})

test('invisible characters are shown as codes', () => {
  expect(visible('a\u202eb\u200bc\nd\u0000')).toBe('a\\u202eb\\u200bc\\u000ad\\u0000')
})

test('sizes and lengths are short', () => {
  expect([0, 999, 1000, 12_345, 999_999, 5e9].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '1.00 MB',
    '5.00 GB',
  ])
  expect([12, 1500, 90_000, 5_400_000, 3e8].map(length)).toEqual([
    '12 ms',
    '1.5 s',
    '1 min',
    '1 h 30 min',
    '3 days',
  ])
})
