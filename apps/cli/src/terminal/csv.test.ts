import { expect, it } from 'vitest'
import { csvLine } from './csv.js'

it('cells are quoted as RFC 4180 has it, and what is no text is JSON', () => {
  const cells = ['a', 'b,c', 'say "hi"', 'two\nlines', null, undefined, 1.5, true, { a: [1] }]
  expect(csvLine(cells, { neutralize: false })).toBe(
    'a,"b,c","say ""hi""","two\nlines",,,1.5,true,"{""a"":[1]}"',
  )
})

it('what a spreadsheet would take for a formula gets an apostrophe if that is asked for', () => {
  const cells = ['=1+1', '+1', '-1', '@x', '\tx', 'x=1', -1]
  expect(csvLine(cells, { neutralize: true })).toBe("'=1+1,'+1,'-1,'@x,'\tx,x=1,'-1")
  expect(csvLine(cells, { neutralize: false })).toBe('=1+1,+1,-1,@x,\tx,x=1,-1')
})
