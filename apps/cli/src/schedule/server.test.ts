import { connect } from 'node:net'
import { isBackupError } from '@s3db-backup/core'
import { redactor } from '@s3db-backup/core/internal'
import { expect, onTestFinished, test } from 'vitest'
import type { Health } from './health.js'
import { serveHealth } from './server.js'

const newest = { id: 'full-x', at: 90_000, bytes: 2048, records: 7, duration: 1500, verified: undefined }
const well: Health = {
  healthy: true,
  reason: null,
  lastSuccess: newest,
  age: 10_000,
  lastFailure: undefined,
  lastDrill: { at: 60_000, ok: false },
  lastDrillSuccess: 30_000,
  drillAge: 70_000,
  successes: 2,
  failures: 0,
  running: false,
  warnings: ['far does not have the backup'],
  recoverableSince: 20_000,
  broken: [],
  nextRuns: [{ name: 'at "two"\\', cron: '0 2 * * *', type: 'full', at: new Date(7_200_000) }],
}
const ill: Health = {
  ...well,
  healthy: false,
  reason: 'the last backup failed: s3://KEYKEYKEY:SECRETSECRET@bucket did not answer',
  lastFailure: { at: 95_000, message: '' },
}

async function serving(health: Health, port = 0) {
  const server = await serveHealth(() => health, { port, host: '127.0.0.1', redactor: redactor() })
  onTestFinished(() => server.close())
  return server
}

test('/healthz answers 200 while healthy, and names the newest backup', async () => {
  const { url } = await serving(well)
  const answer = await fetch(`${url}/healthz`)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({
    healthy: true,
    warnings: ['far does not have the backup'],
    lastSuccess: { id: 'full-x', timestamp: '1970-01-01T00:01:30.000Z', ageSeconds: 10 },
    nextRuns: [{ at: '1970-01-01T02:00:00.000Z' }],
  })
})

test('/metrics has no number of records for an encrypted backup without its key', async () => {
  const { url } = await serving({ ...well, lastSuccess: { ...newest, records: null } })
  const text = await (await fetch(`${url}/metrics`)).text()
  expect(text).toContain('s3db_backup_last_success_size_bytes 2048')
  expect(text).not.toContain('last_success_records')
})

test('/healthz answers 503 with the reason, without credentials', async () => {
  const { url } = await serving(ill)
  const answer = await fetch(`${url}/healthz`)
  expect(answer.status).toBe(503)
  const body = await answer.text()
  expect(body).toContain('did not answer')
  expect(body).not.toContain('SECRETSECRET')
})

test('/metrics uses seconds and bytes, escapes labels, and omits unknown values', async () => {
  const { url } = await serving(well)
  const answer = await fetch(`${url}/metrics`)
  expect(answer.headers.get('content-type')).toContain('version=0.0.4')
  const lines = (await answer.text()).split('\n')
  expect(lines).toContain('# TYPE s3db_backup_last_success_size_bytes gauge')
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual([
    's3db_backup_healthy 1',
    's3db_backup_last_success_timestamp_seconds 90',
    's3db_backup_last_success_age_seconds 10',
    's3db_backup_last_success_size_bytes 2048',
    's3db_backup_last_success_records 7',
    's3db_backup_last_success_duration_seconds 1.5',
    's3db_backup_last_drill_ok 0',
    's3db_backup_last_drill_timestamp_seconds 60',
    's3db_backup_last_drill_success_timestamp_seconds 30',
    's3db_backup_last_drill_success_age_seconds 70',
    's3db_backup_recoverable_since_timestamp_seconds 20',
    's3db_backup_running 0',
    's3db_backup_warnings 1',
    's3db_backup_broken_chains 0',
    's3db_backup_next_run_timestamp_seconds{schedule="at \\"two\\"\\\\",type="full"} 7200',
    's3db_backup_successes_total 2',
    's3db_backup_failures_total 0',
    '',
  ])
})

test('other paths and methods are refused, and a used port is a conflict', async () => {
  const { url } = await serving(well)
  expect((await fetch(`${url}/`)).status).toBe(404)
  expect((await fetch(`${url}/healthz`, { method: 'POST' })).status).toBe(405)
  const second = await serving(well, Number(new URL(url).port)).catch((error: unknown) => error)
  expect(isBackupError(second, 'conflict')).toBe(true)
})

test('clients that do not read their answers do not keep the monitoring out', async () => {
  const limits = { stall: 200, idle: 100, connections: 4 }
  const options = { port: 0, host: '127.0.0.1', redactor: redactor(), limits }
  const server = await serveHealth(() => well, options)
  onTestFinished(() => server.close())
  const deaf = Array.from({ length: 4 }, () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    onTestFinished(() => {
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.pause()
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000))
    return socket
  })
  expect(deaf).toHaveLength(4)
  await expect
    .poll(async () => (await fetch(`${server.url}/healthz`).catch(() => ({ status: 0 }))).status)
    .toBe(200)
})
