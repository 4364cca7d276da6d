import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { temporaryFolder } from './surroundings.js'

const configure = (cwd: string, schedule: unknown) =>
  writeFile(
    join(cwd, 's3db-backup.config.json'),
    JSON.stringify({ connection: `file://${cwd}/database`, ...(schedule === undefined ? {} : { schedule }) }),
  )

test('without a schedule there is nothing to follow', async () => {
  const cwd = await temporaryFolder()
  await configure(cwd, undefined)
  expect(await command(['schedule'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no schedule to follow'),
  })
})

test('a schedule makes its backups, tells of them, and ends well after the one under way', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await configure(cwd, [{ name: 'often', cron: '* * * * * *', type: 'incremental' }])
  const { child, outcome } = start(['schedule', '--port', '0', '--json'], { cwd })
  if (child.stdout === null) throw new Error('no output')

  let url = ''
  const events: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url: address } = JSON.parse(line)
    events.push(event)
    if (event === 'listening') url = address
    if (event === 'complete' && !events.includes('asked')) {
      events.push('asked')
      const health = await fetch(`${url}/healthz`)
      expect(health.status).toBe(200)
      expect(await health.json()).toMatchObject({ healthy: true, nextRuns: [{ name: 'often' }] })
      const metrics = await (await fetch(`${url}/metrics`)).text()
      expect(metrics).toContain('s3db_backup_last_success_verified 1\n')
      expect(metrics).toContain('s3db_backup_last_success_records 30\n')
    }
    if (event === 'start' && events.includes('asked')) child.kill('SIGTERM')
  }
  expect((await outcome).code).toBe(0)
  // The one that was under way was finished, not given up.
  expect(events.filter((event) => event === 'complete')).toHaveLength(
    events.filter((event) => event === 'start').length,
  )
  expect(events.at(-1)).toBe('stopped')
})
