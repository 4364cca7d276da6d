import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJsonText } from './json-text.js'

it.each(['1e309', '-1E+400', '1e00309', `${'9'.repeat(309)}`, `${'8'.repeat(280)}.5e30`, '2e308'])(
  'a number that would be read as infinity is refused: %s',
  (number) => {
    expect(JSON.parse(`[${number}]`)[0]).toBeOneOf([Infinity, -Infinity])
    const padding = 'x'.repeat(77)
    for (const text of [number, `[${number}]`, `{"a":"${padding}","b":{"__proto__":[0,${number}]}}`])
      expect(() => parseJsonText(text)).toThrow(SyntaxError)
  },
)

it.each([
  '1e308',
  '-1.7976931348623157e308',
  '1e-400',
  '"1e400"',
  `"${'9'.repeat(999)}"`,
  `0.${'3'.repeat(500)}`,
])('a number within range is accepted: %s', (text) => {
  expect(parseJsonText(text)).toBe(JSON.parse(text))
})

it('a value may be nested deeper than calls can be', () => {
  const depth = 100_000
  expect(() => parseJsonText(`${'['.repeat(depth)}"1e400"${']'.repeat(depth)}`)).not.toThrow()
  expect(() => parseJsonText(`${'['.repeat(depth)}1e400${']'.repeat(depth)}`)).toThrow(SyntaxError)
})

it('agrees with the JSON parser about any number', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 420 })
  const parts = [digits, fc.option(digits), fc.option(fc.integer({ min: -800, max: 800 }))] as const
  const law = fc.property(...parts, fc.nat(250), (whole, fraction, exponent, padding) => {
    const number = `${whole.replace(/^0+(?=\d)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`
    const text = `["${'x'.repeat(padding)}",${number}]`
    const beyond = JSON.parse(text)[1] === Infinity
    if (beyond) expect(() => parseJsonText(text)).toThrow()
    else expect(parseJsonText(text)).toEqual(JSON.parse(text))
  })
  fc.assert(law, { numRuns: 500 })
})
