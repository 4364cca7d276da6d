import { expect, test } from 'vitest'
import { table } from './layout.js'

const columns = [{ title: 'Name' }, { title: 'Count', align: 'right' as const }, { title: 'Note' }]
const rows = [
  ['Zoë 🎉', '7', 'short'],
  ['x', '12,345', 'a longer note'],
]
const head = (title: string) => title

test('columns line up, wide characters included', () => {
  expect(table(columns, rows, { width: undefined, head })).toBe(
    ['Name     Count  Note', 'Zoë 🎉       7  short', 'x       12,345  a longer note'].join('\n'),
  )
})

test('a narrow screen loses the last columns, not the ends of lines', () => {
  expect(table(columns, rows, { width: 20, head })).toBe(
    ['Name     Count', 'Zoë 🎉       7', 'x       12,345'].join('\n'),
  )
})

test('colours take no room', () => {
  const bold = (title: string) => `\x1b[1m${title}\x1b[22m`
  const drawn = table(columns, rows, { width: 30, head: bold })
  expect(drawn).toContain('a longer note')
})

test('a screen too narrow for a wide character loses its column', () => {
  expect(table([{ title: 'Id' }, { title: 'Name' }], [['x', '漢字漢字']], { width: 9, head })).toBe('Id\nx')
})

test('a cell of two lines leaves the others of its row empty below', () => {
  const drawn = table(columns, [['a', '1', 'one\ntwo']], { width: undefined, head, lines: true })
  expect(drawn).toBe(['Name  Count  Note', 'a         1  one', '             two'].join('\n'))
})

test('a table may have more rows than a call has arguments', () => {
  const many = Array.from({ length: 200_000 }, (_, n) => [String(n)])
  expect(table([{ title: 'n' }], many, { width: undefined, head }).split('\n')).toHaveLength(200_001)
})
