import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkBackupId, checkBackupType, createBackupId, isBackupId } from './backup-id.js'

describe('a backup id', () => {
  it('is made of type, start in UTC and random characters', () => {
    const id = createBackupId('full', new Date('2024-03-15T14:30:45.999Z'))
    expect(id).toMatch(/^full-2024-03-15T14-30-45-[0-9a-z]{6}$/)
    expect(isBackupId(id)).toBe(true)
  })

  it('is different each time', () => {
    const ids = Array.from({ length: 1000 }, () => createBackupId('full', new Date(0)))
    expect(new Set(ids).size).toBe(1000)
  })

  it.each(['a', 'full-1', 'A.b_c-d', 'x'.repeat(200)])('may be %j', (id) => {
    expect(isBackupId(id)).toBe(true)
  })

  it.each([
    '',
    '.',
    '..',
    'a..b',
    '.a',
    '-a',
    'a/b',
    'a\\b',
    'a b',
    'é',
    'a\n',
    'x'.repeat(201),
    7,
    null,
    {},
  ])('may not be %j', (id) => {
    expect(isBackupId(id)).toBe(false)
    expect(() => checkBackupId(id, 'restore')).toThrow(
      expect.objectContaining({ code: 'invalid_options', operation: 'restore' }),
    )
  })

  it('of any allowed type is an id', () => {
    const law = fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/), (type) => {
      checkBackupType(type)
      expect(isBackupId(createBackupId(type, new Date()))).toBe(true)
    })
    fc.assert(law)
  })
})

it.each(['', '-a', 'a.b', 'a/b', 'a b', 'é', 'x'.repeat(65), 7, null])('a type may not be %j', (type) => {
  expect(() => checkBackupType(type)).toThrow(expect.objectContaining({ code: 'invalid_options' }))
})
