import { isBackupError } from '@s3db-backup/core'
import { redactor } from '@s3db-backup/core/internal'
import { expect, test } from 'vitest'
import { servePage } from '../src/index.js'
import { allowedHosts } from '../src/server/security/allowed-hosts.js'
import { ask, cookieOf, plugin, served, shop, visitor } from './scene.js'

const page = async (options: Partial<Parameters<typeof served>[0]> = {}) =>
  served({ plugin: plugin(await shop(1)), ...options })

const refusal = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isBackupError(error)) throw new Error('it was not refused')
  return error
}

test('the page is served on loopback unless another address is given', async () => {
  const { url } = await page()
  expect(new URL(url).hostname).toBe('127.0.0.1')
})

test('another address requires a password or an authenticating proxy', async () => {
  const backups = plugin(await shop(1))
  const options = { plugin: backups, redactor: redactor(), port: 0, host: '0.0.0.0' }
  expect(await refusal(servePage(options))).toMatchObject({
    code: 'invalid_options',
    suggestion: expect.stringMatching(/--password-file.*--trust-proxy/),
  })
  expect(await refusal(servePage({ ...options, password: 'short' }))).toMatchObject({
    code: 'invalid_options',
  })
  expect(
    await refusal(
      servePage({
        ...options,
        allowedHosts: ['backups.example'],
        trustProxy: { addresses: ['proxy.example'] },
      }),
    ),
  ).toMatchObject({ code: 'invalid_options', message: expect.stringContaining('proxy.example') })
})

test('the link opens the page once and sets a cookie that no script can read and no other site sends', async () => {
  const server = await page()
  const link = server.link()
  const first = await ask(link)
  expect(first.status).toBe(200)
  const [cookie = ''] = first.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/; HttpOnly/)
  expect(cookie).toMatch(/; SameSite=Strict/)
  expect((await ask(`${server.url}/`, { headers: { cookie: cookieOf(first) } })).status).toBe(200)
  const second = await ask(link)
  expect(second.status).toBe(401)
  expect(second.headers['set-cookie']).toBeUndefined()
})

test('without the cookie there is only the login', async () => {
  const server = await page()
  for (const path of ['/', '/client.js', '/backups', '/?token=x'])
    expect((await ask(server.url + path)).status).toBe(401)
  const { headers } = await visitor(server)
  expect(
    (await ask(`${server.url}/api/home`, { headers: { ...headers, cookie: 's3db-backup=x' } })).status,
  ).toBe(401)
})

test('a closed session no longer opens the page', async () => {
  const server = await page()
  const { get, post } = await visitor(server)
  expect((await get('/api/about')).status).toBe(200)
  await post('/api/leave', {})
  expect((await get('/api/about')).status).toBe(401)
})

test('a foreign host name that resolves to this machine gets no answer (DNS rebinding)', async () => {
  const server = await page()
  const { headers } = await visitor(server)
  for (const host of ['evil.example', `evil.example:${new URL(server.url).port}`, 'localhost'])
    expect((await ask(`${server.url}/api/home`, { headers: { ...headers, host } })).status).toBe(421)
  const local = `localhost:${new URL(server.url).port}`
  const asLocal = { ...headers, host: local, origin: `http://${local}` }
  expect((await ask(`${server.url}/api/about`, { headers: asLocal })).status).toBe(200)
})

test('a page of another origin gets nothing, with GET, POST and event streams alike', async () => {
  const server = await page({ allowWrites: true })
  const { headers } = await visitor(server)
  const foreign = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' },
    // "same-site" includes another port of this machine.
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'x-s3db-backup-page': '' },
  ]
  for (const header of foreign)
    for (const [method, path] of [
      ['GET', '/api/home'],
      ['GET', '/api/job/events?id=x'],
      ['POST', '/api/verify'],
    ] as const) {
      const answer = await ask(server.url + path, { method, headers: { ...headers, ...header } })
      expect([answer.status, header]).toEqual([403, header])
    }
  // A link on another site must not lead into it either.
  const visit = { cookie: headers.cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect((await ask(`${server.url}/`, { headers: visit })).status).toBe(403)
})

test('a changing request without an origin is refused', async () => {
  const server = await page({ allowWrites: true })
  const { cookie } = await visitor(server)
  const headers = { cookie, 'x-s3db-backup-page': '1' }
  expect((await ask(`${server.url}/api/verify`, { method: 'POST', headers, body: '{}' })).status).toBe(403)
})

test('no answer allows another origin, and the content policy has nothing unsafe or external', async () => {
  const server = await page()
  const { headers, get } = await visitor(server)
  for (const answer of [
    await get('/'),
    await get('/api/home'),
    await get('/nothing'),
    await get('/api/nothing'),
    await get('/client.js'),
    await ask(`${server.url}/`),
    await ask(`${server.url}/api/home`, { headers: { ...headers, origin: 'http://evil.example' } }),
    await ask(`${server.url}/api/home`, { method: 'OPTIONS', headers }),
  ]) {
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  }
})

test('the page is read-only unless it may write', async () => {
  const server = await page()
  const { post, json } = await visitor(server)
  expect(await json('/api/about')).toMatchObject({ writes: false })
  for (const [path, body] of [
    ['/api/drill', { id: 'x' }],
    ['/api/dry-run', { backup: 'x', mode: 'skip' }],
    ['/api/restore', { dryRun: 'x', name: 'x' }],
  ] as const)
    expect(await post(path, body)).toMatchObject({
      status: 403,
      problem: { suggestion: expect.stringContaining('--allow-writes') },
    })
})

test('long bodies and too many requests are refused', async () => {
  const server = await page({ limits: { rate: { most: 20, within: 24 * 60 * 60 * 1000 } } })
  const { headers } = await visitor(server)
  const long = { method: 'POST', headers, body: JSON.stringify({ id: 'x'.repeat(70_000) }) }
  expect((await ask(`${server.url}/api/verify`, long)).status).toBe(413)
  const statuses: number[] = []
  for (let n = 0; n < 30; n++) statuses.push((await ask(`${server.url}/client.css`)).status)
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200))
  expect(statuses.slice(20)).toEqual(Array(10).fill(429))
})

test('a password opens the page, guesses are limited, and the cookie is Secure except on loopback', async () => {
  const password = 'correct horse battery staple'
  const server = await page({ host: '0.0.0.0', password, allowedHosts: ['backups.example'] })
  expect(server.warnings.join(' ')).toContain('does not use TLS')
  const url = server.url.replace('0.0.0.0', '127.0.0.1')
  const headers = {
    host: 'backups.example',
    origin: 'https://backups.example',
    'content-type': 'application/x-www-form-urlencoded',
  }
  const enter = (given: string) =>
    ask(`${url}/enter`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ password: given }).toString(),
    })
  expect(server.link()).not.toContain('once=')
  expect((await ask(`${url}/`, { headers: { host: 'backups.example' } })).body).toContain('type="password"')
  const entered = await enter(password)
  expect(entered.status).toBe(303)
  expect(entered.headers['set-cookie']?.[0]).toMatch(/; Secure/)
  const inside = { host: 'backups.example', cookie: cookieOf(entered) }
  expect((await ask(`${url}/`, { headers: inside })).body).toContain('client.js')
  const statuses: number[] = []
  for (let n = 0; n < 11; n++) statuses.push((await enter(`guess ${n}`)).status)
  expect(statuses.slice(0, 9)).toEqual(Array(9).fill(401))
  expect(statuses.at(-1)).toBe(429)
  expect((await enter(password)).status).toBe(429)
})

test('the header of a proxy counts only from its own address', async () => {
  const asks = async (addresses: string[]) => {
    const server = await page({ trustProxy: { addresses, header: 'x-forwarded-user' } })
    const headers = { 'x-forwarded-user': 'ann', 'x-s3db-backup-page': '1' }
    return ask(`${server.url}/api/about`, { headers })
  }
  const trusted = await asks(['127.0.0.0/8'])
  expect(JSON.parse(trusted.body)).toMatchObject({ operator: 'ann' })
  expect((await asks(['10.0.0.7'])).status).toBe(401)
})

test('an error says what happened, without secrets', async () => {
  const hidden = redactor()
  hidden.hide('SECRETSECRET')
  const server = await page({ redactor: hidden, allowWrites: true })
  const { post } = await visitor(server)
  const answer = await post('/api/verify', { id: 'x', level: 'SECRETSECRET' })
  expect(answer.status).toBe(400)
  const target = 's3://AKIAAKIAAKIA:SECRETSECRET2@127.0.0.1:1/bucket'
  const refused = await post('/api/dry-run', {
    backup: 'full-2024-03-15T14-30-45-abc123',
    mode: 'skip',
    target,
  })
  expect(refused.status).toBe(404)
  expect(JSON.stringify([answer, refused])).not.toContain('SECRETSECRET')
})

test('an address is checked, listened on and expected of browsers in one spelling', async () => {
  for (const [given, listens] of [
    ['LOCALHOST', 'localhost'],
    ['127.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['0:0:0:0:0:0:0:1', '[::1]'],
  ] as const) {
    const server = await page({ host: given })
    expect(new URL(server.url).hostname).toBe(listens)
    expect((await ask(server.link())).status).toBe(200)
  }
  for (const given of ['', ' ', 'localhost:80', 'http://localhost', 'a b', '127.0.0.1/8', 'a@b', '::g'])
    expect([given, (await refusal(page({ host: given }))).message]).toEqual([
      given,
      expect.stringContaining('neither a host name nor an address'),
    ])
})

test('on port 80 browsers leave out the port', () => {
  const hosts = allowedHosts({ host: '127.0.0.1', port: 80, also: [] })
  expect([...hosts]).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '[::1]', 'localhost:80']))
  expect(allowedHosts({ host: '127.0.0.1', port: 7780, also: [] }).has('localhost')).toBe(false)
})

test('names that no browser sends are refused, and so is an address of all networks without a name', async () => {
  const password = 'correct horse battery staple'
  for (const name of ['https://backups.example', 'backups.example/', 'a b', '', 'user@backups.example'])
    expect(await refusal(page({ password, allowedHosts: [name] }))).toMatchObject({
      code: 'invalid_options',
      suggestion: expect.stringContaining('--allowed-host'),
    })
  for (const host of ['0.0.0.0', '::', '[::]', '0'])
    expect(await refusal(page({ host, password }))).toMatchObject({
      code: 'invalid_options',
      suggestion: expect.stringContaining('--allowed-host'),
    })
})
