import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { receiver } from './receiver.js'
import { temporaryFolder } from './surroundings.js'

const configure = (cwd: string, schedule: unknown) =>
  writeFile(
    join(cwd, 's3db-backup.config.json'),
    JSON.stringify({ connection: `file://${cwd}/database`, ...(schedule === undefined ? {} : { schedule }) }),
  )

test('without a configured schedule there is nothing to run', async () => {
  const cwd = await temporaryFolder()
  await configure(cwd, undefined)
  expect(await command(['schedule'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No schedule is configured'),
  })
})

test('a schedule makes its backups, reports them, and ends with 0 after the running one', async () => {
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
  // The running backup was finished, not aborted.
  expect(events.filter((event) => event === 'complete')).toHaveLength(
    events.filter((event) => event === 'start').length,
  )
  expect(events.at(-1)).toBe('stopped')
})

test('a stopped schedule cancels what takes longer than --stop-timeout, cleans up and says so', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  // A destination that accepts no part until it is told to stop.
  const driver = pathToFileURL(
    join(import.meta.dirname, '../../../packages/driver-filesystem/dist/index.js'),
  ).href
  const { received, origin } = await receiver()
  await writeFile(
    join(cwd, 'slow.mjs'),
    `import { filesystem } from ${JSON.stringify(driver)}
     const files = filesystem({ path: ${JSON.stringify(join(cwd, 'kept'))} })
     const put = async (key, body, call) => {
       if (!key.includes('.jsonl')) return files.put(key, body, call)
       await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
       throw call.signal.reason
     }
     export default {
       connection: ${JSON.stringify(`file://${cwd}/database`)},
       driver: Object.assign(Object.create(files), { put }),
       schedule: { often: '* * * * * *' },
       notify: { heartbeat: '${origin}/ping' },
     }`,
  )
  const { child, outcome } = start(['schedule', '--config', 'slow.mjs', '--stop-timeout', '1s', '--json'], {
    cwd,
  })
  if (child.stdout === null) throw new Error('no output')
  const events: Record<string, unknown>[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    events.push(JSON.parse(line))
    if (events.at(-1)?.event === 'start') child.kill('SIGTERM')
  }
  expect((await outcome).code).toBe(0)
  const names = events.map(({ event }) => event)
  for (const name of ['stopping', 'aborting', 'cancelled', 'stopped']) expect(names).toContain(name)
  expect(names.at(-1)).toBe('stopped')
  expect(events.find(({ event }) => event === 'aborting')).toMatchObject({ underWay: [expect.any(String)] })
  expect(received.map(({ url }) => url)).toEqual(['/ping/start', '/ping/fail'])
  const { stdout } = await command(['list', '--path', 'kept', '--json'], { cwd })
  expect(JSON.parse(stdout)).toEqual({ backups: [] })
})

test('a schedule reports backups that cannot be restored, in its events, health and metrics', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await configure(cwd, { yearly: '0 0 1 1 *' })
  const full = (await command(['backup', '--quiet'], { cwd })).stdout.trim()
  const next = (await command(['backup', 'incremental', '--quiet'], { cwd })).stdout.trim()
  await rm(join(cwd, 'backups', full), { recursive: true })
  const { child, outcome } = start(['schedule', '--port', '0', '--json'], { cwd })
  if (child.stdout === null) throw new Error('no output')
  const told: unknown[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, id, lacks, url } = JSON.parse(line)
    if (event === 'broken-chain') told.push({ id, lacks })
    if (event === 'listening') {
      const health = await (await fetch(`${url}/healthz`)).json()
      expect(health).toMatchObject({ broken: [{ id: next, lacks: full }] })
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('s3db_backup_broken_chains 1\n')
      child.kill('SIGTERM')
    }
  }
  expect((await outcome).code).toBe(0)
  expect(told).toEqual([{ id: next, lacks: full }])
})
