import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactor } from './redact.js'

/** Keys and secrets of any length with any characters that a URL can carry percent-encoded. */
const longSecret = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }).filter(isSecretLike)
const anySecret = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => /^[\w+/=.~-]+$/.test(text))

/** Nothing that could be part of the words around it, so that finding it means that it leaked. */
function isSecretLike(text: string): boolean {
  return !/[\s"'`<>]/.test(text) && !'***KEY:SECRET@bucket/path'.includes(text)
}

const spellings = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
  JSON.stringify(secret).slice(1, -1),
]

test('a known secret is gone in every spelling, wherever it stands', () => {
  fc.assert(
    fc.property(longSecret, fc.nat(3), fc.lorem(), (secret, spelling, around) => {
      const { hideConnection, text } = redactor()
      hideConnection(`s3://AKIAIOSFODNN7EXAMPLE:${encodeURIComponent(secret)}@bucket/path`)
      const printed = text(`${around} ${spellings(secret)[spelling]} ${around}`)
      expect(printed).not.toContain(spellings(secret)[spelling])
      expect(printed).toContain(around)
    }),
  )
})

test('an address loses its credentials although nobody announced them', () => {
  fc.assert(
    fc.property(anySecret, anySecret, (key, secret) => {
      const printed = redactor().text(`could not open s3://${key}:${secret}@bucket/path: refused`)
      const isAdvice = key === 'KEY' && secret === 'SECRET'
      expect(printed).toBe(
        isAdvice
          ? 'could not open s3://KEY:SECRET@bucket/path: refused'
          : 'could not open s3://***@bucket/path: refused',
      )
    }),
  )
})

test('a secret with slashes and @ in it, which is no valid address, is hidden to its end', () => {
  const { text } = redactor()
  expect(text('s3://KEY:a/b+c@d@bucket/x')).toBe('s3://***@bucket/x')
})

test('documents lose secrets in their values and keys, and keep everything else', () => {
  const { hide, document } = redactor()
  hide('topsecretvalue')
  const given = { note: 'has topsecretvalue inside', list: ['topsecretvalue', 7, null], topsecretvalue: true }
  expect(document(given)).toEqual({ note: 'has *** inside', list: ['***', 7, null], '***': true })
})

test('secrets of the environment and of configuration files are known by their names', () => {
  const { hideIn, text } = redactor({
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG',
    S3DB_CONNECTION: 'https://minioadmin:hunter2hunter2@localhost:9000/b',
    HOME: '/home/somebody',
  })
  hideIn({
    config: { path: './visible-path', credentials: { any: 'anything-below' } },
    encryption: { key: 'k'.repeat(32) },
  })
  const printed = text(
    `wJalrXUtnFEMI/K7MDENG hunter2hunter2 /home/somebody ./visible-path anything-below ${'k'.repeat(32)}`,
  )
  expect(printed).toBe('*** *** /home/somebody ./visible-path *** ***')
})

test('secrets in the query of an address are hidden', () => {
  expect(redactor().text('http://h/b?region=eu&sessionToken=abc')).toBe(
    'http://h/b?region=eu&sessionToken=***',
  )
})

test('help keeps its example addresses', () => {
  expect(redactor().text('s3://KEY:SECRET@bucket/path')).toBe('s3://KEY:SECRET@bucket/path')
})

test('a configuration may hold itself', () => {
  const hide = redactor()
  const settings: Record<string, unknown> = { secretKey: 'very-secret-key' }
  settings.self = settings
  hide.hideIn(settings)
  expect(hide.text('it is very-secret-key')).toBe('it is ***')
})
