import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { command } from './command.js'
import { makeDatabase } from './databases.js'
import { start } from './program.js'
import { temporaryFolder } from './surroundings.js'

test('ui serves a page that opens once with its link, and exits with 0 when stopped', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await command(['backup', '--connection', `file://${cwd}/database`], { cwd })
  const { child, outcome } = start(['ui', '--port', '0', '--json'], { cwd })
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const { link, url } = JSON.parse(line)
    const opened = await fetch(link)
    expect(opened.status).toBe(200)
    expect((await fetch(link)).status).toBe(401)
    const cookie = opened.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    const home = await fetch(`${url}/api/home`, { headers: { cookie, 'x-s3db-backup-page': '1' } })
    expect(await home.json()).toMatchObject({ answer: 'yes', backups: 1 })
    child.kill('SIGTERM')
  }
  const { code, stderr } = await outcome
  expect(code).toBe(0)
  expect(stderr).not.toContain('once=')
})

test('ui that is stopped in a restore says what was cut off, and exits with the code of the signal', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  await command(['backup', '--connection', `file://${cwd}/database`], { cwd })
  const target = await deafStorage()
  const { child, outcome } = start(['ui', '--port', '0', '--json', '--allow-writes'], { cwd })
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const { link, url } = JSON.parse(line)
    await startRestore(url, cookieOf(await fetch(link)), target)
    child.kill('SIGTERM')
  }
  const { code, stderr } = await outcome
  expect(code).toBe(143)
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '')
  expect(error).toMatchObject({
    code: 'interrupted',
    exitCode: 143,
    cutOff: [{ kind: 'restore', target: target.url.replace('key:secret', '***') }],
  })
})

const answer = z.looseObject({
  id: z.string().optional(),
  state: z.string().optional(),
  backups: z.array(z.looseObject({ id: z.string() })).optional(),
})

test('schedule --ui that is stopped in a restore names it as well, once --stop-timeout is over', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const settings = { connection: `file://${cwd}/database`, schedule: { yearly: '0 0 1 1 *' } }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  await writeFile(join(cwd, 'password'), 'correct horse battery staple\n')
  await command(['backup'], { cwd })
  const target = await deafStorage()
  const args = [
    '--ui',
    '0',
    '--password-file',
    'password',
    '--allow-writes',
    '--stop-timeout',
    '1s',
    '--json',
  ]
  const { child, outcome } = start(['schedule', ...args], { cwd })
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line)
    if (event !== 'page') continue
    const entered = await fetch(`${url}/enter`, {
      ...{ method: 'POST', redirect: 'manual', headers: { origin: url } },
      body: 'password=correct+horse+battery+staple',
    })
    await startRestore(url, cookieOf(entered), target)
    child.kill('SIGTERM')
  }
  const { code, stderr } = await outcome
  expect(code).toBe(143)
  expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error).toMatchObject({
    cutOff: [{ kind: 'restore' }],
  })
})

function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
}

/** Restores the only backup from the page, and waits until the target is written to. */
async function startRestore(url: string, cookie: string, target: Awaited<ReturnType<typeof deafStorage>>) {
  const headers = { cookie, origin: url, 'x-s3db-backup-page': '1' }
  const ask = async (path: string, value?: unknown) => {
    const sent = value === undefined ? {} : { method: 'POST', body: JSON.stringify(value) }
    return answer.parse(await (await fetch(url + path, { headers, ...sent })).json())
  }
  const backup = (await ask('/api/backups')).backups?.[0]?.id
  const { id } = await ask('/api/dry-run', { backup, mode: 'skip', target: target.url })
  await expect.poll(async () => (await ask(`/api/job?id=${id}`)).state, { timeout: 20_000 }).toBe('done')
  await ask('/api/restore', { dryRun: id, name: 'copy' })
  await target.written
}

/** An S3 server with an empty bucket that takes requests to write and never answers them. */
async function deafStorage() {
  const writing = new EventEmitter()
  const written = once(writing, 'put')
  const server = createServer(({ method, url = '' }, response) => {
    if (method === 'PUT') return void writing.emit('put')
    const lists = url.includes('list-type=2')
    response.writeHead(lists ? 200 : 404, { 'content-type': 'application/xml' })
    response.end(
      lists
        ? '<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount></ListBucketResult>'
        : method === 'HEAD'
          ? undefined
          : '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://key:secret@127.0.0.1:${port}/bucket/copy`, written }
}

test('schedule --ui serves the page on a port of its own, where no probe is answered, and logs no link', async () => {
  const cwd = await temporaryFolder()
  await makeDatabase(join(cwd, 'database'))
  const settings = { connection: `file://${cwd}/database`, schedule: { yearly: '0 0 1 1 *' } }
  await writeFile(join(cwd, 's3db-backup.config.json'), JSON.stringify(settings))
  await writeFile(join(cwd, 'password'), 'correct horse battery staple\n')
  const refused = await command(['schedule', '--ui', '0', '--json'], { cwd })
  expect(refused).toMatchObject({ code: 2 })
  expect(refused.stdout + refused.stderr).toContain('--password-file')
  const args = ['schedule', '--port', '0', '--ui', '0', '--password-file', 'password', '--json']
  const { child, outcome } = start(args, { cwd })
  if (child.stdout === null) throw new Error('no output')
  const urls: Record<string, string> = {}
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).not.toMatch(/once=|battery/)
    const { event, url } = JSON.parse(line)
    urls[event] = url
    if (event !== 'waiting') continue
    expect((await fetch(`${urls.listening}/healthz`)).status).toBe(200)
    expect((await fetch(`${urls.page}/healthz`)).status).toBe(401)
    expect((await fetch(`${urls.listening}/open`)).status).toBe(404)
    expect(await (await fetch(`${urls.page}/`)).text()).toContain('type="password"')
    child.kill('SIGTERM')
  }
  expect((await outcome).code).toBe(0)
})

test('no file that the command loads at start imports the page', () => {
  const dist = join(import.meta.dirname, '../dist')
  const read = (file: string) => readFileSync(join(dist, file), 'utf8')
  const seen = new Set<string>()
  const open = ['bin.js']
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const text = read(file)
    expect(text).not.toMatch(/(?:from|import) ?["'](?:hono|@hono|preact|uplot|@s3db-backup\/ui)/)
    open.push(
      ...[...text.matchAll(/(?:from|import) ?["']\.\/([^"']+\.js)["']/g)].map(([, name = '']) => name),
    )
  }
  expect(readdirSync(dist).some((file) => read(file).includes('@s3db-backup/ui'))).toBe(true)
})
