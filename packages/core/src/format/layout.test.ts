import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backupDirectory, type PartKind, partNames } from './layout.js'

const kinds: readonly PartKind[] = ['rows', 'raw', 'index', 'deleted']
const naughty = [
  '',
  '.',
  '..',
  '/',
  'a/b',
  '..\\..\\x',
  'a\0b',
  'a\nb',
  ' ',
  'users',
  'Users',
  'USERS',
  'users.raw',
  'users.2',
  'users.index',
  'users~2',
  'users%2e',
  'users%2E',
  'con',
  'CON',
  'nul',
  'com1',
  'lpt9',
  's3db',
  's3db.json',
  '.git',
  '-rf',
  '~',
  '$HOME',
  '*',
  'a:b',
  '😀',
  'é',
  'e\u0301',
  '\u202e',
  '\ufeff',
  '\ud800',
  '\ud801',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  `${'x'.repeat(300)}y`,
  '😀'.repeat(100),
  `${'😀'.repeat(100)}!`,
  'undefined',
  'null',
  '<script>',
  "'; DROP TABLE users; --",
]
const anyName = fc.oneof(
  fc.constantFrom(...naughty),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string(),
)

describe('file names of parts', () => {
  it('are readable', () => {
    const nameOf = partNames()
    expect(nameOf('users', 'rows', 1, '.gz')).toBe('users.jsonl.gz')
    expect(nameOf('users', 'rows', 2, '.gz')).toBe('users.2.jsonl.gz')
    expect(nameOf('users', 'raw', 1, '.gz')).toBe('users.raw.jsonl.gz')
    expect(nameOf('users', 'index', 3, '')).toBe('users.index.3.jsonl')
    expect(nameOf('users.raw', 'rows', 1, '')).toBe('users%2Eraw.jsonl')
    expect(nameOf('con', 'rows', 1, '')).toBe('%63%6F%6E.jsonl')
  })

  it('never collide, even if case is ignored, and are plain names of at most 255 bytes', () => {
    const law = fc.property(fc.uniqueArray(anyName, { minLength: 2, maxLength: 20 }), (resources) => {
      const nameOf = partNames()
      const names: string[] = []
      for (const resource of resources) {
        for (const kind of kinds)
          for (const number of [1, 2, 10]) names.push(nameOf(resource, kind, number, '.gz'))
      }
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length)
      for (const name of names) {
        expect(name).toMatch(/^[A-Za-z0-9_%~.-]+$/)
        expect(name).not.toMatch(/^\.{1,2}$|^(con|prn|aux|nul|com\d|lpt\d)\./i)
        expect(name.length).toBeLessThanOrEqual(255)
        expect(name).not.toBe('s3db.json')
      }
    })
    fc.assert(law)
  })

  it('stay the same for the same resource', () => {
    const nameOf = partNames()
    const before = naughty.map((name) => nameOf(name, 'rows', 1, ''))
    expect(naughty.map((name) => nameOf(name, 'rows', 1, ''))).toEqual(before)
  })
})

it('a backup is stored in its folder', () => {
  expect(backupDirectory('', 'full-1')).toBe('full-1')
  expect(backupDirectory('2024/03', 'full-1')).toBe('2024/03/full-1')
})
