import { expect, test } from 'vitest'
import { isWhole } from './recover.js'

const whole = {
  ...{ restored: 2, replaced: 0, skipped: 0, removed: 0 },
  ...{ failed: [], lost: [], lostWithoutId: [], notFound: [] },
}
const one = { id: 'ann', reason: 'gone' }

test.each([
  ['a record that could not be told', { lost: [one] }],
  ['records whose ids nobody knows', { lostWithoutId: ['a rule has removed them'] }],
  ['a record that the target refused', { failed: [one] }],
  ['a resource that the target refused', { refused: { reason: 'its definition', records: 2 } }],
])('a recovery is not whole with %s', (_, lacking) => {
  const resources = { users: whole, orders: { ...whole, ...lacking } }
  expect(isWhole({ resources, notFound: [] })).toBe(false)
})

test('a recovery is whole without any of that, and with every id that was asked for', () => {
  const resources = { users: whole, orders: whole }
  expect(isWhole({ resources, notFound: [] })).toBe(true)
  expect(isWhole({ resources, notFound: ['bob'] })).toBe(false)
})
