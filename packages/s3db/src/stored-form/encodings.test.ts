import { array, assert as check, constantFrom, double, maxSafeInteger, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  joinDecimals,
  joinIntegers,
  joinStrings,
  splitDecimals,
  splitIntegers,
  splitStrings,
} from './arrays.js'
import { decodeBase62, decodeDecimal, encodeBase62, encodeDecimal } from './base62.js'
import { oddText } from './test/odd-text.js'

describe('base 62', () => {
  it('round-trips every safe integer', () => {
    check(property(maxSafeInteger(), (value) => void expect(decodeBase62(encodeBase62(value))).toBe(value)))
  })

  it('round-trips every decimal that prints without an exponent', () => {
    check(
      property(double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        const printed = String(value)
        if (!printed.includes('e')) expect(decodeDecimal(encodeDecimal(value))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('reads any text without failing', () => {
    check(property(oddText, (text) => void expect(decodeBase62(text)).toBeTypeOf('number')))
  })
})

describe('arrays as one text', () => {
  it('round-trip every array of strings except that of one empty string', () => {
    check(
      property(array(oddText), constantFrom('|', ',', ';'), (items, separator) => {
        const back = splitStrings(separator)(joinStrings(separator)(items))
        expect(back).toStrictEqual(items.length === 1 && items[0] === '' ? [] : items)
      }),
    )
  })

  it('round-trip numbers', () => {
    check(
      property(
        array(maxSafeInteger()),
        (items) => void expect(splitIntegers('|')(joinIntegers('|')(items))).toStrictEqual(items),
      ),
    )
    const plain = array(
      double({ min: -1e6, max: 1e6, noNaN: true }).filter(
        (value) => !String(value).includes('e') && !Object.is(value, -0),
      ),
    )
    check(
      property(
        plain,
        (items) => void expect(splitDecimals('|')(joinDecimals('|')(items))).toStrictEqual(items),
      ),
    )
  })
})
