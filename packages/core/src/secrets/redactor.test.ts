import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactor, withoutCredentials } from './redactor.js'

/** Keys and secrets of any length with any characters that a URL can carry percent-encoded. */
const longSecret = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }).filter(isSecretLike)
const anySecret = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => /^[\w+/=.~-]+$/.test(text))

/** Nothing that could be part of the words around it, so that finding it means that it leaked. */
function isSecretLike(text: string): boolean {
  return !/[\s"'`<>]/.test(text) && !'***KEY:SECRET@bucket/path'.includes(text)
}

/** Ways in which programs write a text; all but the first three are what Node's own functions make of it. */
const spellings: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
  (secret) =>
    encodeURIComponent(secret).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`),
  (secret) => encodeURIComponent(secret),
  (secret) => encodeURIComponent(encodeURIComponent(secret)),
  (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  (secret) => encodeURI(secret),
  (secret) => JSON.stringify(secret).slice(1, -1),
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(secret).toString('base64url'),
  (secret) => Buffer.from(secret).toString('hex'),
  (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
]

test('a known secret is removed in every spelling, everywhere', () => {
  fc.assert(
    fc.property(longSecret, fc.nat(spellings.length - 1), fc.lorem(), (secret, spelling, around) => {
      const { hideConnection, text } = redactor()
      hideConnection(`s3://AKIAIOSFODNN7EXAMPLE:${encodeURIComponent(secret)}@bucket/path`)
      const written = spellings[spelling]?.(secret) ?? ''
      const printed = text(`${around} ${written} ${around}`)
      expect(printed).not.toContain(written)
      expect(printed).toContain(around)
    }),
    { numRuns: 300 },
  )
})

test('a secret is removed even if a program encodes characters that others do not', () => {
  const { hide, text } = redactor()
  hide('~######((', 'plain-secret')
  expect(text('a %7E%23%23%23%23%23%23%28%28 b')).toBe('a *** b')
  expect(text('a plain%2Dsecret %70lain-secret b')).toBe('a *** *** b')
})

test('a secret of any characters is removed from a text and from a document, in every spelling', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 8 }),
      fc.nat(spellings.length - 1),
      (secret, spelling) => {
        fc.pre(secret.trim().length >= 8)
        const { hide, text, document } = redactor()
        hide(secret)
        const written = spellings[spelling]?.(secret) ?? ''
        expect(text(`<${written}>`)).not.toContain(written)
        const printed = JSON.stringify(document({ [written]: [written, { error: `no: ${written}` }] }))
        expect(printed).not.toContain(written)
        expect(printed).not.toContain(JSON.stringify(written).slice(1, -1))
      },
    ),
    { numRuns: 300 },
  )
})

test('a secret inside of something in base64 cannot be decoded from what is printed', () => {
  fc.assert(
    fc.property(
      longSecret,
      fc.string({ maxLength: 5 }),
      fc.string({ maxLength: 5 }),
      (secret, before, behind) => {
        const { hide, text } = redactor()
        hide(secret)
        const printed = text(Buffer.from(`${before}${secret}${behind}`).toString('base64'))
        expect(Buffer.from(printed, 'base64').toString()).not.toContain(secret)
        expect(printed).toContain('***')
      },
    ),
  )
})

test('a secret of several lines is removed even when printed line by line', () => {
  const { hide, text } = redactor()
  const lines = [
    'MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF',
    'c2Vjb25kIGxpbmUgb2YgaXQ=',
  ]
  hide(['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n'))
  expect([`could not read ${lines[0]}`, `${lines[1]}`, '-----END PRIVATE KEY-----'].map(text)).toEqual([
    'could not read ***',
    '***',
    '-----END PRIVATE KEY-----',
  ])
})

test('an address that is known to be one loses its credentials whatever is in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (secret) => {
      expect(
        withoutCredentials(`s3://key:${secret}@bucket/x?region=eu&token=${encodeURIComponent(secret)}`),
      ).toBe('s3://***@bucket/x?region=eu&token=***')
    }),
  )
})

test('an address loses its credentials even if they were not announced', () => {
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

test('a secret with slashes and @, in an invalid address, is hidden to its end', () => {
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

test('a configuration may be circular', () => {
  const hide = redactor()
  const settings: Record<string, unknown> = { secretKey: 'very-secret-key' }
  settings.self = settings
  hide.hideIn(settings)
  expect(hide.text('it is very-secret-key')).toBe('it is ***')
})
