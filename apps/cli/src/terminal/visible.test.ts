import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOneLine, visible, visibleJson } from './visible.js'

test('whatever a storage returns, the terminal gets no control sequences except colours', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours.
      const shown = visible(text).replaceAll(/\x1b\[\d+m/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there.
      expect(shown).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/)
      expect(inOneLine(text)).not.toMatch(/[\n\t\r]/)
      expect(JSON.parse(visibleJson(JSON.stringify(text)))).toBe(text)
    }),
  )
})

test('a visible replacement names the character', () => {
  expect(visible('a\x1b[2Jb\x07\u202ec')).toBe('a\\x1b[2Jb\\x07\\u202ec')
  expect(visible('\x1b[31mred\x1b[39m\n')).toBe('\x1b[31mred\x1b[39m\n')
  expect(inOneLine('two\nlines')).toBe('two\\nlines')
})
