import { expect, test } from 'vitest'
import { wrappedReport } from './wrapped.js'

test('a report of short lines stays as it is', () => {
  const report = 'Took     3 s\n\n  one   two'
  expect(wrappedReport(report, 20)).toBe(report)
  expect(wrappedReport(report, Number.POSITIVE_INFINITY)).toBe(report)
})

test('a long line of a report breaks between words and continues further in', () => {
  expect(wrappedReport('  one two three four five', 14)).toBe('  one two\n    three four\n    five')
})

test('a word that is too long has a line of its own', () => {
  expect(wrappedReport('an /unbelievably/long/path here', 12)).toBe('an\n  /unbelievably/long/path\n  here')
})
