import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as forward, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patterned } from '@s3db-backup/driver-testkit'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'
import { testBucket } from '../../test/bucket.js'
import { certificate } from '../../test/tls.js'
import type { S3Options } from '../options.js'
import { s3 } from '../s3.js'

const bucket = await testBucket()
const { signal } = new AbortController()
const call = { signal, kind: 'part' } as const
const folder = mkdtempSync(join(tmpdir(), 's3db-backup-way-out-'))
const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
])

beforeEach(() => {
  for (const name of names) vi.stubEnv(name, undefined)
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await bucket.remove()
})

async function listening(server: Server | ReturnType<typeof createTlsServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A proxy that leads everything to the bucket's server, whatever host is asked for. */
async function proxy(tunnelTo = '') {
  const asked: string[] = []
  const upstream = new URL(bucket.endpoint.url)
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    // A request without an absolute address was not sent as to a proxy.
    const url = new URL(request.url ?? '', 'http://not-asked-of-a-proxy.invalid')
    if (url.hostname.startsWith('not-asked')) return void response.writeHead(400).end()
    const { method, headers } = request
    const onward = forward(
      {
        host: upstream.hostname,
        port: upstream.port,
        method,
        headers,
        path: `${url.pathname}${url.search}`,
        setHost: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    const [host = '', port = ''] = tunnelTo.split(':')
    const onward = connectTo(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const end of [onward, socket]) end.on('error', () => undefined)
  })
  const host = await listening(server)
  return {
    host,
    asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function roundTrip(options: Partial<S3Options>): Promise<void> {
  const driver = s3({ ...bucket.options, prefix: `w${Math.random()}`, ...options })
  try {
    await driver.put('x', patterned(10), call)
    const found: string[] = []
    for await (const { key } of driver.list('', { signal })) found.push(key)
    expect(found).toEqual(['x'])
    await driver.delete('x', call)
  } finally {
    await driver.close?.()
  }
}

it('HTTP_PROXY reaches an endpoint that only the proxy can reach', async () => {
  const way = await proxy()
  vi.stubEnv('HTTP_PROXY', `http://${way.host}`)
  await roundTrip({ endpoint: 'http://s3.corp.invalid' })
  expect(way.asked.length).toBeGreaterThan(2)
  way.close()
})

it('NO_PROXY bypasses the proxy', async () => {
  const way = await proxy()
  vi.stubEnv('HTTP_PROXY', `http://${way.host}`)
  vi.stubEnv('NO_PROXY', '127.0.0.1,.internal')
  await roundTrip({})
  expect(way.asked).toEqual([])
  way.close()
})

it('a missing proxy is named, without the password in its address', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://ada:hunter2@127.0.0.1:1')
  const error = await roundTrip({ endpoint: 'http://s3.corp.invalid' }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'unavailable',
    message: 'Cannot connect to s3.corp.invalid through the proxy 127.0.0.1:1 (connection refused)',
  })
  expect(JSON.stringify(error)).not.toContain('hunter2')
}, 20_000)

it('AWS_CA_BUNDLE sets the trusted certificates, through HTTPS_PROXY too', async ({ skip }) => {
  const own = certificate()
  if (own === undefined) return skip('needs openssl')
  const bundle = join(folder, 'ca.pem')
  writeFileSync(bundle, own.cert)
  const upstream = new URL(bucket.endpoint.url)
  const secured = createTlsServer(own, (request, response) => {
    const { method, headers, url } = request
    const onward = forward(
      { host: upstream.hostname, port: upstream.port, method, headers, path: url, setHost: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  const host = await listening(secured)
  await expect(roundTrip({ endpoint: `https://${host}` })).rejects.toMatchObject({ code: 'invalid_options' })
  vi.stubEnv('AWS_CA_BUNDLE', bundle)
  await roundTrip({ endpoint: `https://${host}` })

  const way = await proxy(host)
  vi.stubEnv('HTTPS_PROXY', `http://${way.host}`)
  await roundTrip({ endpoint: `https://localhost:${host.split(':')[1]}` })
  expect(way.asked).toContain(`CONNECT localhost:${host.split(':')[1]}`)
  way.close()
  secured.closeAllConnections()
  secured.close()
}, 20_000)

it('an unreadable AWS_CA_BUNDLE is reported at once', () => {
  vi.stubEnv('AWS_CA_BUNDLE', join(folder, 'no-such.pem'))
  expect(() => s3(bucket.options)).toThrow(/AWS_CA_BUNDLE.*no-such\.pem.*ENOENT/)
})
