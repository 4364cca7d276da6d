import { expect, it } from 'vitest'
import type { Figure } from './figure.ts'
import { merged, pageOf, rowOf, rowsOf, runsOf } from './page.ts'

const figure: Figure = {
  suite: 'crash',
  what: 'backup | a step fails',
  tried: 1200,
  ended: { 'kept what was there': 1199, finished: 1, never: 0 },
  profile: 'long',
}

it('a page is read back as it was written', () => {
  const rows = [rowOf(figure), rowOf({ ...figure, suite: 'abort', on: 'Ceph' })]
  expect(rowsOf(pageOf(rows))).toEqual(rows)
  expect(rows[0]).toMatchObject({ ended: '1,199 kept what was there, 1 finished', lost: 0 })
})

it('a bad ending counts as lost', () => {
  expect(rowOf({ ...figure, tried: 1203 }).lost).toBe(3)
})

it('a short run keeps the rows of a long one, and adds its own', () => {
  const short: Figure = { ...figure, tried: 5, ended: { finished: 5 }, profile: 'short' }
  const rows = merged([rowOf(figure)], [short, { ...short, what: 'something new' }])
  expect(rows.map(({ tried }) => tried)).toEqual(['1,200', '5'])
  expect(merged(rows, [{ ...short, profile: 'long' }]).map(({ tried }) => tried)).toEqual(['5', '5'])
})

it('a page shows the last run of each profile, and sums what was tried', () => {
  const runs = { long: { date: '2024-03-15', commit: 'abc123' } }
  const page = pageOf([rowOf(figure), rowOf({ ...figure, what: 'another' })], runs)
  expect(runsOf(page)).toEqual(runs)
  expect(page).toContain('Last run of the long profile: 2024-03-15, commit abc123.')
  expect(page).toMatch(/^\| crash +\| 2,400 +\| 0 /m)
})
