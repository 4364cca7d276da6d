import { describe, expect, it } from 'vitest'
import { parseMoment } from './moment.js'

const now = Date.parse('2024-03-15T12:00:00Z')
const moment = (text: string) => parseMoment(text, 'backup', now).toISOString()

describe('a moment', () => {
  it.each([
    ['2024-03-15T10:00:00Z', '2024-03-15T10:00:00.000Z'],
    ['2024-03-15 10:00Z', '2024-03-15T10:00:00.000Z'],
    ['2024-03-15T10:00:00.5+01:00', '2024-03-15T09:00:00.500Z'],
    ['2024-03-14T10:00:00-0530', '2024-03-14T15:30:00.000Z'],
    ['10 minutes ago', '2024-03-15T11:50:00.000Z'],
    ['1 hour ago', '2024-03-15T11:00:00.000Z'],
    ['2 days ago', '2024-03-13T12:00:00.000Z'],
  ])('%s is %s', (text, expected) => expect(moment(text)).toBe(expected))

  it.each([
    ['2024-03-15T10:00:00', 'no time zone'],
    ['2024-03-15', 'not a time'],
    ['yesterday', 'not a time'],
    ['2024-02-30T10:00:00Z', 'not a time'],
    ['2024-03-16T10:00:00Z', 'in the future'],
    ['minutes ago', 'not a time'],
  ])('%s is refused: %s', (text, why) => expect(() => moment(text)).toThrow(why))
})
