import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checked, has, isAmong, long, onS3, slow, smaller, suiteIn } from './suites.ts'

const root = join(import.meta.dirname, '../..')
const files = globSync(['{packages,apps}/*/{src,test}/**/*.test.ts', 'tooling/**/*.test.ts'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
})
const slowOnes = Object.keys(slow)
const smallerOnes = Object.keys(smaller)
const checkedOnes = Object.keys(checked)

describe('the suites', () => {
  it('together have every file of tests', () => {
    expect(files.filter((file) => !has('all', file, {}) && !has('long', file, {}))).toEqual([])
  })

  it('of .ci/run have every file but those of pnpm check, and twice only files that are smaller the first time', () => {
    for (const file of files.filter((each) => has('all', each, {}) && !isAmong(each, checkedOnes))) {
      const times = (['quick', 'rest'] as const).filter((suite) => has(suite, file, {})).length
      expect([file, times]).toEqual([file, isAmong(file, smallerOnes) ? 2 : 1])
    }
  })

  it('of .ci/run leave out what its pnpm check does', () => {
    const left = files.filter(
      (file) => !has('quick', file, {}) && !has('rest', file, {}) && has('all', file, {}),
    )
    expect(left).toEqual(files.filter((file) => isAmong(file, checkedOnes)))
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(scripts.check).toContain('pack:check')
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('pnpm check')
  })

  it('run tests with an S3 server again if there is another server', () => {
    const env = { S3_ENDPOINT: 'http://127.0.0.1:1' }
    const onServer = files.filter((file) => isAmong(file, onS3) && has('all', file, env))
    expect(onServer.length).toBeGreaterThan(10)
    expect(onServer.filter((file) => !has('rest', file, env))).toEqual([])
  })

  it.each([...slowOnes, ...smallerOnes, ...checkedOnes, ...Object.keys(long), ...onS3])(
    'name existing files: %s',
    (pattern) => {
      expect(files.filter((file) => isAmong(file, [pattern]))).not.toEqual([])
    },
  )

  it('list every file that tries less with pnpm test', () => {
    const asking = files.filter((file) => /\bsized\(/.test(readFileSync(join(root, file), 'utf8')))
    expect(files.filter((file) => isAmong(file, smallerOnes)).sort()).toEqual(
      asking.filter((file) => !file.startsWith('tooling/test/')).sort(),
    )
  })

  it('are those four', () => {
    expect(suiteIn({ SUITE: 'rest' })).toBe('rest')
    expect(suiteIn({})).toBeUndefined()
    expect(() => suiteIn({ SUITE: 'everything' })).toThrow('quick, all, rest or long')
  })
})
