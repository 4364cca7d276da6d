import { join, sep } from 'node:path'
import { expect, test } from 'vitest'
import { asInstalled } from './install-words.js'

const at = (...parts: string[]) => join(sep, ...parts)
const advice = 'Run: npm install @duckdb/node-api'
const global = 'Run: npm install --global @duckdb/node-api'
const inModules = ['node_modules', '@s3db-backup', 'cli', 'dist', 'bin.js']

test('a package that a global command lacks is to be installed globally', () => {
  expect(asInstalled(advice, at('usr', 'lib', ...inModules), at('home', 'ada'))).toBe(global)
  expect(asInstalled(global, at('usr', 'lib', ...inModules), at('home', 'ada'))).toBe(global)
})

test.each([
  ['of the project', ['srv', 'app', ...inModules], ['srv', 'app']],
  ['of the project above', ['srv', 'app', ...inModules], ['srv', 'app', 'jobs']],
  ['of a clone', ['srv', 's3db-backup', 'apps', 'cli', 'dist', 'bin.js'], ['home', 'ada']],
  ['that npx keeps', ['home', 'ada', '.npm', '_npx', '8d1f', ...inModules], ['srv']],
])('a package that a command %s lacks is to be installed in the current project', (_, command, cwd) => {
  expect(asInstalled(advice, at(...command), at(...cwd))).toBe(advice)
})
