import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Health } from '../../apps/cli/src/schedule/health.js'
import { metrics } from '../../apps/cli/src/schedule/metrics.js'
import { read, root } from './files.ts'

const has = (program: string) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })
const files = (pattern: string) => globSync(pattern, { cwd: root }).sort()

test.skipIf(!has('promtool'))('promtool accepts the alerts, and they fire when they should', () => {
  expect(run('promtool', 'check', 'rules', 'deploy/prometheus/alerts.yaml')).toContain('SUCCESS')
  expect(run('promtool', 'test', 'rules', 'deploy/prometheus/alerts.test.yaml')).toContain('SUCCESS')
})

test('the alerts use existing metrics', () => {
  const exposed = new Set([...metrics(everything).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  const asked = [...read('prometheus/alerts.yaml').matchAll(/\bs3db_backup_\w+/g)].map(([name]) => name)
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !exposed.has(name))).toEqual([])
})

test.skipIf(!has('systemd-analyze'))('systemd accepts the units and the timer', () => {
  // The tool requires names that end in the kind of the unit, and prints nothing for units without errors.
  const folder = mkdtempSync(join(tmpdir(), 's3db-backup-units-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const units = files('deploy/systemd/*').map((file) => {
    cpSync(join(root, file), join(folder, basename(file)))
    return join(folder, basename(file))
  })
  expect(units).toHaveLength(3)
  expect(run('bash', '-c', 'systemd-analyze verify "$@" 2>&1', 'verify', ...units)).toBe('')
})

test('the Dockerfile has no problem that its language server finds', () => {
  expect(run('npx', '-y', 'dockerfile-utils@0.16.3', 'lint', 'deploy/docker/Dockerfile').trim()).toBe('')
})

test('the action and the workflows match their schemas', () => {
  const validator = [
    '-y',
    '-p',
    '@action-validator/cli@0.6.0',
    '-p',
    '@action-validator/core@0.6.0',
    'action-validator',
  ]
  for (const file of ['deploy/github-action/action.yml', ...files('.github/workflows/*.yml')])
    expect(run('npx', ...validator, file), file).not.toContain('error')
})

test('every used action is pinned by its commit', () => {
  for (const file of ['deploy/github-action/action.yml', ...files('.github/workflows/*.yml')]) {
    const uses = [
      ...execFileSync('cat', [join(root, file)], { encoding: 'utf8' }).matchAll(/uses: (.*)$/gm),
    ].map(([, used]) => used)
    expect(uses.length, file).toBeGreaterThan(0)
    for (const used of uses) expect(used, file).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  }
})

/** A state in which every metric is told. */
const everything: Health = {
  healthy: true,
  reason: null,
  lastSuccess: { id: 'full-x', at: 1, bytes: 1, records: 1, duration: 1, verified: true },
  age: 1,
  lastFailure: { at: 1, message: '' },
  lastDrill: { at: 1, ok: true },
  lastDrillSuccess: 1,
  drillAge: 1,
  successes: 1,
  failures: 1,
  running: false,
  warnings: [],
  recoverableSince: 1,
  broken: [],
  nextRuns: [{ name: 'nightly', cron: '0 2 * * *', type: 'full', at: new Date(0) }],
}
