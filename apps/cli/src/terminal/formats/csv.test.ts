import { expect, it } from 'vitest'
import { csvLine } from './csv.js'

it('cells are quoted by RFC 4180, and values that are not text are JSON', () => {
  const cells = ['a', 'b,c', 'say "hi"', 'two\nlines', null, undefined, 1.5, true, { a: [1] }]
  expect(csvLine(cells, { neutralize: false })).toBe(
    'a,"b,c","say ""hi""","two\nlines",,,1.5,true,"{""a"":[1]}"',
  )
})

it('text that a spreadsheet would read as a formula gets an apostrophe on request', () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\tx', 'x=1', -1]
  expect(csvLine(cells, { neutralize: true })).toBe("'=1+1,'+1,'-1,'@x,'\tx,x=1,'-1")
  expect(csvLine(cells, { neutralize: false })).toBe('=1+1,+1,-1,@x,\tx,x=1,-1')
})
