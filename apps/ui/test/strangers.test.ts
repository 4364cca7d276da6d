import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { PageServer } from '../src/index.js'
import { rateLimit } from '../src/server/security/rate-limit.js'
import { ask, cookieOf, plugin, served, shop, visitor } from './scene.js'

/* What strangers try, and other pages of the same browser. */

const page = async (options: Partial<Parameters<typeof served>[0]> = {}) =>
  served({ plugin: plugin(await shop(1)), ...options })

const portOf = ({ url }: PageServer) => Number(new URL(url).port)

/** A connection that says something, and hears what comes until it is closed. */
function speak(
  server: PageServer,
  text: string,
): { readonly socket: Socket; readonly heard: Promise<string> } {
  const socket = connect(portOf(server), '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  const heard = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)))
  socket.write(text)
  return { socket, heard }
}

const quick = { headTime: 200, requestTime: 400, idle: 100 }

test('an unfinished request head is not waited for', async () => {
  const server = await page({ limits: quick })
  const { heard } = speak(server, 'GET / HTTP/1.1\r\nHost: 127.')
  expect(await heard).toMatch(/^HTTP\/1\.1 408 /)
})

test('an unfinished body is not waited for', async () => {
  const server = await page({ limits: quick })
  const { headers } = await visitor(server)
  const head = Object.entries({ host: new URL(server.url).host, ...headers, 'content-length': '10' })
  const { heard } = speak(
    server,
    `POST /api/verify HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n{`,
  )
  expect(await heard).toMatch(/^HTTP\/1\.1 408 |^$/)
  expect((await ask(`${server.url}/client.css`)).status).toBe(200)
})

test('an idle connection is closed', async () => {
  const server = await page({ limits: quick })
  const { heard } = speak(server, `GET /icon.svg HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n\r\n`)
  expect(await heard).toMatch(/^HTTP\/1\.1 200 /)
})

test('connections beyond the limit are refused, and accepted again once others are gone', async () => {
  const server = await page({ limits: { connections: 8 } })
  const taken = Array.from({ length: 8 }, () => speak(server, 'GET / HTTP/1.1\r\n'))
  await Promise.all(
    taken.map(({ socket }) => new Promise((resolve) => socket.once('connect', () => resolve(undefined)))),
  )
  const { heard } = speak(server, `GET /icon.svg HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n\r\n`)
  expect(await heard).toBe('')
  for (const { socket } of taken) socket.destroy()
  await Promise.all(taken.map((one) => one.heard))
  await expect
    .poll(async () => (await ask(`${server.url}/icon.svg`).catch(() => ({ status: 0 }))).status)
    .toBe(200)
})

test('a head that is too long is refused, whatever makes it long', async () => {
  const server = await page()
  const long = 'x'.repeat(20_000)
  for (const head of [`GET /${long} HTTP/1.1\r\n`, `GET / HTTP/1.1\r\nCookie: ${long}\r\n`])
    expect(await speak(server, `${head}Host: ${new URL(server.url).host}\r\n\r\n`).heard).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  expect((await ask(`${server.url}/icon.svg`)).status).toBe(200)
})

test('an endless body without a length is refused', async () => {
  const server = await page()
  const { headers } = await visitor(server)
  const body = JSON.stringify({ id: 'x'.repeat(300_000), level: 'quick' })
  const chunked = { ...headers, 'transfer-encoding': 'chunked' }
  expect((await ask(`${server.url}/api/verify`, { method: 'POST', headers: chunked, body })).status).toBe(413)
})

test('another page on this machine cannot log an operator out with a cookie of the same name', async () => {
  const server = await page()
  const { cookie, headers } = await visitor(server)
  const [name] = cookie.split('=')
  for (const tossed of [`${name}=evil; ${cookie}`, `${cookie}; ${name}=evil`, `${name}=; ${cookie}`])
    expect((await ask(`${server.url}/api/about`, { headers: { ...headers, cookie: tossed } })).status).toBe(
      200,
    )
  const other = await ask(`${server.url}/api/about`, { headers: { ...headers, cookie: `${name}=evil` } })
  expect(other.status).toBe(401)
})

test('a program that only probes the link does not use it up', async () => {
  const server = await page()
  const link = server.link()
  expect((await ask(link, { method: 'HEAD' })).headers['set-cookie']).toBeUndefined()
  const opened = await ask(link)
  expect([opened.status, cookieOf(opened)]).toEqual([200, expect.stringContaining('=')])
})

test('no spelling of an address bypasses the checks', async () => {
  const server = await page({ allowWrites: true })
  const { cookie } = await visitor(server)
  const paths = [
    '/%61pi/about',
    '/api%2fabout',
    '/api/./about',
    '//api/about',
    '/API/about',
    '/api/about/',
    '/api/about%00',
  ]
  for (const path of paths) {
    const { body } = await ask(server.url + path, { headers: { cookie } })
    expect([path, body]).toEqual([path, expect.not.stringContaining('placeOptions')])
  }
})

test('no form on another site can start anything', async () => {
  const server = await page({ allowWrites: true })
  const { cookie } = await visitor(server)
  const kinds = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
  const body = '{"id":"full-2024-03-15T14-30-45-abc123"}'
  for (const kind of kinds)
    for (const origin of ['null', 'http://evil.example', `http://localhost:${portOf(server)}`]) {
      const headers = { cookie, origin, 'content-type': kind, 'sec-fetch-site': 'cross-site' }
      for (const path of ['/api/drill', '/api/leave', '/enter'])
        expect((await ask(server.url + path, { method: 'POST', headers, body })).status).toBe(403)
    }
  const about = { cookie, 'x-s3db-backup-page': '1' }
  expect((await ask(`${server.url}/api/about`, { headers: about })).status).toBe(200)
})

test('a user header of the client besides the proxy’s is refused', async () => {
  const server = await page({ trustProxy: { addresses: ['127.0.0.0/8'] } })
  const lines = (users: readonly string[]) =>
    [
      'GET /api/about HTTP/1.1',
      `Host: ${new URL(server.url).host}`,
      'X-S3db-Backup-Page: 1',
      ...users.map((user) => `X-Forwarded-User: ${user}`),
      'Connection: close\r\n\r\n',
    ].join('\r\n')
  expect(await speak(server, lines(['ann'])).heard).toContain('"operator":"ann"')
  expect(await speak(server, lines(['root', 'ann'])).heard).toMatch(/^HTTP\/1\.1 401 /)
  expect(await speak(server, lines([])).heard).toMatch(/^HTTP\/1\.1 401 /)
})

test('clients that do not read their answers do not keep others out', async () => {
  const rate = { most: 100_000, within: 1000 }
  const server = await page({ limits: { ...quick, stall: 200, connections: 4, rate } })
  const { host } = new URL(server.url)
  const deaf = Array.from({ length: 4 }, () => {
    const socket = connect(portOf(server), '127.0.0.1')
    onTestFinished(() => {
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.pause()
    socket.write(`GET /client.css HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(120))
    return socket
  })
  await expect
    .poll(async () => (await ask(`${server.url}/icon.svg`).catch(() => ({ status: 0 }))).status)
    .toBe(200)
  expect(deaf).toHaveLength(4)
})

test('a broken login is refused and is no defect of the program', async () => {
  const crashes: unknown[] = []
  const server = await page({
    password: 'correct horse battery staple',
    onCrash: (error) => void crashes.push(error),
  })
  for (const type of ['multipart/form-data; boundary=x', 'multipart/form-data', 'text/plain', ''])
    for (const body of ['--x\r\nbroken', '%ff%zz&&=&password=', '\u0000'.repeat(100)]) {
      const headers = { origin: server.url, ...(type === '' ? {} : { 'content-type': type }) }
      const { status } = await ask(`${server.url}/enter`, { method: 'POST', headers, body })
      expect([type, body, status]).toEqual([type, body, expect.toSatisfy((is) => is === 401 || is === 429)])
    }
  expect(crashes).toEqual([])
})

test('a client that leaves in the middle of its request is no defect of the program', async () => {
  const crashes: unknown[] = []
  const server = await page({
    password: 'correct horse battery staple',
    onCrash: (error) => void crashes.push(error),
  })
  const { host } = new URL(server.url)
  const left = speak(
    server,
    `POST /enter HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${server.url}\r\nContent-Length: 100\r\n\r\npass`,
  )
  await new Promise((resolve) => left.socket.once('connect', resolve))
  // It has its turn before the next one is answered.
  await ask(`${server.url}/icon.svg`)
  left.socket.destroy()
  for (let n = 0; n < 3; n++) await ask(`${server.url}/icon.svg`)
  expect(crashes).toEqual([])
})

test('an event stream cannot be asked for without its body', async () => {
  const server = await page()
  const { headers } = await visitor(server)
  const asked = await ask(`${server.url}/api/job/events?id=x`, { method: 'HEAD', headers })
  expect(asked.status).toBe(405)
})

test('all addresses of one IPv6 network count as one client, and IPv4 is counted in either spelling', () => {
  const may = rateLimit({ most: 2, within: 1000 }, () => 0)
  expect(['2001:db8::1', '2001:db8:0:0:1::2', '2001:db8:0:0:ffff::3'].map(may)).toEqual([true, true, false])
  expect(['2001:db8:0:1::1', '::1', 'fe80::1%eth0', 'fe80::2%eth0', 'fe80::3%eth0'].map(may)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ])
  expect(['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.1', '10.0.0.2'].map(may)).toEqual([true, true, false, true])
})

test('what a client asked for is not read on after it has left', async () => {
  const backups = plugin(await shop(1))
  const server = await page({ plugin: backups })
  const { headers } = await visitor(server)
  const signals: (AbortSignal | undefined)[] = []
  backups.diff = async function* (_from, _to, { signal } = {}) {
    signals.push(signal)
    yield* []
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const { socket } = speak(
    server,
    `GET /api/compare?from=a&to=b HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  )
  await expect.poll(() => signals.length).toBe(1)
  socket.destroy()
  await expect.poll(() => signals[0]?.aborted).toBe(true)
})
