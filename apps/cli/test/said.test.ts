import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { changePeople, makeDatabase } from './databases.js'
import { temporaryFolder } from './surroundings.js'

async function scene() {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const env = { S3DB_CONNECTION: `file://${cwd}/database` }
  return { cwd, run: (...args: string[]) => command(args, { cwd, env }) }
}

test('a dry run of prune that --apply would refuse exits with what --apply exits with', async () => {
  const { run } = await scene()
  for (let index = 0; index < 6; index++) await run('backup', '--quiet')
  const dry = await run('prune', '--keep-last', '1', '--json')
  const real = await run('prune', '--keep-last', '1', '--apply')
  expect({ dry: dry.code, real: real.code }).toEqual({ dry: 11, real: 11 })
  const { blocked, removed } = JSON.parse(dry.stdout)
  expect(blocked).toContain(`${removed.length} of 6 complete backups`)
  expect((await run('prune', '--keep-last', '1', '--force')).code).toBe(0)
})

test('a missing ancestor is reported wherever a backup is shown', async () => {
  const { cwd, run } = await scene()
  const full = (await run('backup', '--quiet')).stdout.trim()
  await changePeople(join(cwd, 'database'))
  const next = (await run('backup', 'incremental', '--quiet')).stdout.trim()
  await rm(join(cwd, 'backups', full), { recursive: true })
  for (const args of [
    ['show', next],
    ['backup', '--status', next],
  ]) {
    expect(JSON.parse((await run(...args, '--json')).stdout)).toMatchObject({ id: next, lacks: full })
    expect((await run(...args)).stdout).toContain('broken chain')
  }
  expect(JSON.parse((await run('list', '--json')).stdout).backups[0]).toMatchObject({ lacks: full })
})

test('all errors of a configuration are reported at once, including its schedule and its policy', async () => {
  const { cwd, run } = await scene()
  const configuration = {
    compression: 'gzp',
    conection: 'x',
    retention: { dayly: 7 },
    config: { retention: 7 },
    schedule: [
      { name: 'a', cron: '0 2 * * *', type: 'incremntal' },
      { name: 'b', cron: 'sometimes', type: 'full' },
      { name: 'c', cron: '0 2 * * *', typ: 'full' },
      { name: 'd', cron: '0 2 * * *', compression: 'zsdt' },
      { name: 'e', cron: '0 2 * * *', timezone: 'Europe/Berln' },
    ],
  }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(configuration))
  const { code, stderr } = await run('list', '--json')
  expect(code).toBe(2)
  const { problems } = JSON.parse(stderr).error.metadata
  for (const mistake of [
    'unknown option conection (did you mean "connection"?)',
    '"gzip"',
    'dayly',
    'schedule.0.type: is not a backup type (did you mean "incremental"?)',
    'schedule.1.cron',
    'schedule.2.typ (did you mean "type"?)',
    'schedule.3.compression',
    'schedule.4.timezone',
  ])
    expect(problems.join('\n')).toContain(mistake)
})
