import { createHmac } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { notificationSchema } from '../src/notify/notification.js'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { type Received, receiver } from './receiver.js'
import { temporaryFolder } from './surroundings.js'

const secret = Buffer.from('a secret that both sides know').toString('base64')

async function scene(origin: string) {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await writeFile(join(cwd, 'hook.url'), `${origin}/hook/hidden-path-of-the-hook\n`)
  const env = { HEARTBEAT: `${origin}/ping/hidden-path-of-the-ping?rid=1` }
  const configuration = {
    connection: `file://${cwd}/database`,
    notify: {
      name: 'app-1',
      heartbeat: { env: 'HEARTBEAT' },
      webhook: { url: { file: './hook.url' }, secret: `whsec_${secret}` },
    },
  }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(configuration))
  return { cwd, env }
}

const pings = (received: readonly Received[]) =>
  received.filter(({ method }) => method === 'GET').map(({ url }) => url)
const posts = (received: readonly Received[]) => received.filter(({ method }) => method === 'POST')

test('a backup pings the heartbeat at start and end, and sends its details to the webhook', async () => {
  const { received, origin } = await receiver()
  const { cwd, env } = await scene(origin)
  const { code, stdout, stderr } = await command(['backup', '--quiet'], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(pings(received)).toEqual([
    '/ping/hidden-path-of-the-ping/start?rid=1',
    '/ping/hidden-path-of-the-ping?rid=1',
  ])
  const [start, end] = posts(received).map(({ body }) => notificationSchema.parse(JSON.parse(body)))
  expect(start).toMatchObject({ event: 'start', operation: 'backup', name: 'app-1', backup: null })
  expect(end).toMatchObject({
    event: 'success',
    backup: { id: stdout.trim(), type: 'full', records: 30, verified: true },
    error: null,
  })
})

test('the webhook is signed over its id, its time and its body', async () => {
  const { received, origin } = await receiver()
  const { cwd, env } = await scene(origin)
  await command(['backup', '--quiet'], { cwd, env })
  for (const { headers, body } of posts(received)) {
    const signedText = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update(signedText).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${expected}`)
  }
  expect(new Set(posts(received).map(({ headers }) => headers['webhook-id'])).size).toBe(2)
})

test('a failing backup reports its cause, without text of the storage or a record', async () => {
  const { received, origin } = await receiver()
  const { cwd, env } = await scene(origin)
  // A record whose file is gone although the listing has it.
  await rm(join(cwd, 'database/resource=people/data/id=person-3.meta.json'))
  const { code } = await command(['backup', '--quiet'], { cwd, env })
  expect(code).not.toBe(0)
  expect(pings(received)).toContain('/ping/hidden-path-of-the-ping/fail?rid=1')
  const bodies = posts(received).map(({ body }) => body)
  expect(JSON.parse(bodies.at(-1) ?? '')).toMatchObject({ event: 'failure', error: { code: 'incomplete' } })
  expect(bodies.join('\n')).not.toMatch(/person-|people|database/)
})

test('a database that cannot be opened is reported as a failure, too', async () => {
  const { received, origin } = await receiver()
  const { cwd, env } = await scene(origin)
  await rm(join(cwd, 'database'), { recursive: true })
  expect((await command(['backup'], { cwd, env })).code).toBe(3)
  expect(pings(received).at(-1)).toBe('/ping/hidden-path-of-the-ping/fail?rid=1')
})

test('an unreachable receiver does not make a backup fail, and no output has an address', async () => {
  const { origin } = await receiver(() => 404)
  const { cwd, env } = await scene(origin)
  const text = await command(['backup', '--strict'], { cwd, env })
  expect(text.code).toBe(0)
  expect(text.stderr).toContain('Could not notify the heartbeat of the success: it answered 404.')
  const json = await command(['backup', '--json', '--strict'], { cwd, env })
  expect(json.code).toBe(0)
  expect(json.stderr).toContain('"event":"notify-error"')
  expect(`${text.stdout}${text.stderr}${json.stdout}${json.stderr}`).not.toMatch(/hidden-path|a secret/)
})

test('a busy receiver gets the message again, with the same id', async () => {
  const { received, origin } = await receiver((_, nth) => (nth <= 2 ? 503 : 200))
  const { cwd, env } = await scene(origin)
  const { code, stdout } = await command(['notify', 'test', '--json'], { cwd, env })
  expect(code).toBe(0)
  expect(JSON.parse(stdout).deliveries).toMatchObject([
    { to: expect.any(String), ok: true, attempts: 2 },
    { to: expect.any(String), ok: true, attempts: 2 },
  ])
  const [first, second] = posts(received)
  expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id'])
})

test('a redirect is not followed', async () => {
  const { received, origin } = await receiver(() => 302)
  const { cwd, env } = await scene(origin)
  const { code, stdout } = await command(['notify', 'test'], { cwd, env })
  expect(code).toBe(5)
  expect(stdout).toContain('which is not followed')
  expect(received.map(({ url }) => url)).not.toContain('/elsewhere')
})

test('a dry run notifies nobody', async () => {
  const { received, origin } = await receiver()
  const { cwd, env } = await scene(origin)
  expect((await command(['backup', '--dry-run'], { cwd, env })).code).toBe(0)
  expect(received).toEqual([])
})

test.each([
  ['http://monitor.example/ping', 'notify.heartbeat is not https'],
  ['https://user:password-1@monitor.example/ping', 'notify.heartbeat contains a user name or a password'],
  ['monitor.example', 'notify.heartbeat is not an address'],
])('the address %s is refused before anything is backed up', async (heartbeat, message) => {
  const { origin } = await receiver()
  const { cwd } = await scene(origin)
  const result = await command(['backup'], { cwd, env: { HEARTBEAT: heartbeat } })
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(result.stderr).not.toContain('password-1')
})

test('an unset variable is named', async () => {
  const { origin } = await receiver()
  const { cwd } = await scene(origin)
  expect(await command(['notify', 'test'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the variable HEARTBEAT is empty'),
  })
})
