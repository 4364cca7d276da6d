import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeProblem } from './node-version.js'

test.each(['20.19.0', '22.14.9', '18.0.0'])(
  'Node %s is too old, and the message says which one is needed',
  (version) => {
    expect(nodeProblem(version)).toContain(`needs Node 22.15 or newer; this is Node ${version}`)
  },
)

test.each(['22.15.0', '22.21.1', '24.0.0', '25.1.0-nightly'])('Node %s is new enough', (version) => {
  expect(nodeProblem(version)).toBeUndefined()
})

test('the package says the same', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(manifest).toMatchObject({ publishConfig: { engines: { node: '>=22.15' } } })
})
