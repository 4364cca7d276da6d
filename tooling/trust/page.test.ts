import { expect, it } from 'vitest'
import type { Figure } from './figure.ts'
import { merged, pageOf, rowOf, rowsOf } from './page.ts'

const figure: Figure = {
  suite: 'crash',
  what: 'backup | a step fails',
  tried: 1200,
  ended: { 'kept what was there': 1199, finished: 1, never: 0 },
  profile: 'long',
}
const run = { date: '2024-03-15', commit: 'abc123' }
const later = { date: '2024-03-16', commit: 'def456' }

it('a page is read back as it was written', () => {
  const rows = [rowOf(figure, run), rowOf({ ...figure, suite: 'abort', on: 'Ceph' }, later)]
  expect(rowsOf(pageOf(rows))).toEqual(rows)
  expect(rows[0]).toMatchObject({ ended: '1,199 kept what was there, 1 finished', lost: 0 })
})

it('a bad ending counts as lost', () => {
  expect(rowOf({ ...figure, tried: 1203 }, run).lost).toBe(3)
})

it('a short run keeps the rows of a long one, and adds its own', () => {
  const short: Figure = { ...figure, tried: 5, ended: { finished: 5 }, profile: 'short' }
  const rows = merged([rowOf(figure, run)], [short, { ...short, what: 'something new' }], later)
  expect(rows.map(({ tried }) => tried)).toEqual(['1,200', '5'])
  expect(merged(rows, [{ ...short, profile: 'long' }], later).map(({ tried }) => tried)).toEqual(['5', '5'])
})

it('a page names the day and the commit of each row, and of the last long run, and sums what was tried', () => {
  const rows = [rowOf(figure, run), rowOf({ ...figure, what: 'another' }, later)]
  const page = pageOf(rows)
  expect(page).toContain(
    'All rows are from the long profile. Its last run (UTC day, commit): 2024-03-15, abc123; 2024-03-16, def456.',
  )
  expect(page).toMatch(/^\| crash +\| another +\| .* \| 2024-03-16, def456 \| 0 /m)
  expect(page).toMatch(/^\| crash +\| 2,400 +\| 0 /m)
  const short = rowOf({ ...figure, what: 'a third', profile: 'short' }, later)
  expect(pageOf([...rows, short])).toContain('2 of 3 rows are from the long profile.')
})
