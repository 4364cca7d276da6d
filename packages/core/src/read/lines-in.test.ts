import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareIds } from '../format/compare-ids.js'
import { idIn } from '../format/members.js'
import { linesIn } from './lines-in.js'
import { isAfter, isBefore } from './span.js'

async function* piecesOf(pieces: readonly (readonly string[])[]) {
  for (const ids of pieces)
    if (ids.length > 0) yield Buffer.from(ids.map((id) => `${JSON.stringify([id, 0])}\n`).join(''))
}

const idOf = (line: Uint8Array) => idIn(JSON.parse(Buffer.from(line).toString('utf8')))

async function idsIn(pieces: readonly (readonly string[])[], span: Parameters<typeof linesIn>[1]) {
  let text = ''
  for await (const lines of linesIn(piecesOf(pieces), span, idOf)) text += Buffer.from(lines).toString('utf8')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => idIn(JSON.parse(line)))
}

test('the lines of a range are those whose ids are in it, wherever the pieces are cut', async () => {
  const id = fc.string({ unit: 'grapheme', maxLength: 3 })
  const bound = fc.option(id, { nil: undefined })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(id, { maxLength: 40 }),
      bound,
      bound,
      fc.nat(12),
      async (any, from, to, size) => {
        const ids = any.toSorted(compareIds)
        const pieces = Array.from({ length: Math.ceil(ids.length / (size + 1)) }, (_, at) =>
          ids.slice(at * (size + 1), (at + 1) * (size + 1)),
        )
        const span = { from, to }
        expect(await idsIn(pieces, span)).toEqual(
          ids.filter((one) => !isBefore(span, one) && !isAfter(span, one)),
        )
      },
    ),
  )
})

test('one record of thousands is found without reading most of them', async () => {
  const ids = Array.from({ length: 5000 }, (_, at) => String(at).padStart(5, '0'))
  let looks = 0
  const counted = (line: Uint8Array) => {
    looks += 1
    return idOf(line)
  }
  const found: string[] = []
  for await (const lines of linesIn(piecesOf([ids]), { from: '03123', to: '03124' }, counted))
    found.push(Buffer.from(lines).toString('utf8'))
  expect(found).toEqual(['["03123",0]\n'])
  expect(looks).toBeLessThan(25)
})

test('a line after the range is reported, so that no further part is read', async () => {
  const told: string[][] = []
  for (const to of ['2', '9']) {
    const ends: string[] = []
    for await (const lines of linesIn(piecesOf([['1', '2', '3']]), { from: '1', to }, idOf, () =>
      ends.push(to),
    ))
      expect(lines.length).toBeGreaterThan(0)
    told.push(ends)
  }
  expect(told).toEqual([['2'], []])
})
