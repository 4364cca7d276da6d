// pnpm test:trust [--long] [--soak 10m] [part of a test file's name …]: runs the trust suite and writes docs/trust.md.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { merged, pageFile, pageOf, rowsOf } from './page.ts'
import { clearResults, readResults } from './results.ts'

const root = join(import.meta.dirname, '../..')
const given = process.argv.slice(2)
const soakAt = given.indexOf('--soak')
const soak = soakAt === -1 ? [] : given.splice(soakAt, 2).slice(1)
const filters = given.filter((argument) => argument !== '--long')
const profile = given.includes('--long') || process.env.TRUST === 'long' ? 'long' : 'short'

clearResults()
const { status } = spawnSync('vitest', ['run', '--project', 'trust', ...filters], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    TRUST: profile,
    WRITE_DOCS: '1',
    ...(soak[0] === undefined ? {} : { SOAK: soak[0] }),
  },
})
const figures = readResults()
if (status === 0 && figures.length > 0) {
  // A long run of everything replaces the page; any other run updates it.
  const whole = profile === 'long' && filters.length === 0
  const before = whole || !existsSync(pageFile) ? [] : rowsOf(readFileSync(pageFile, 'utf8'))
  writeFileSync(pageFile, pageOf(merged(before, figures, { date: today(), commit: commit() })))
}
process.exitCode = status ?? 1

function today() {
  return new Date().toISOString().slice(0, 10)
}

function commit() {
  return execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
}
