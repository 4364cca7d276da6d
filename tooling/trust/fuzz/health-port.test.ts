import { connect } from 'node:net'
import { redactor } from '@s3db-backup/core/internal'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Health } from '../../../apps/cli/src/schedule/health.ts'
import { type HealthServer, serveHealth } from '../../../apps/cli/src/schedule/server.ts'
import { byProfile, record } from '../record.ts'

const health: Health = {
  healthy: true,
  reason: null,
  lastSuccess: undefined,
  age: undefined,
  lastFailure: undefined,
  lastDrill: undefined,
  lastDrillSuccess: undefined,
  drillAge: undefined,
  successes: 0,
  failures: 0,
  running: false,
  warnings: [],
  recoverableSince: undefined,
  broken: [],
  nextRuns: [],
}

/** What ends the process of a schedule, and this one does not: it counts. */
const crashes: unknown[] = []
const crashed = (error: unknown) => crashes.push(error)
let server: HealthServer
let tried = 0

beforeAll(async () => {
  server = await serveHealth(() => health, { port: 0, host: '127.0.0.1', redactor: redactor() })
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
})

afterAll(async () => {
  await server.close()
  process.off('uncaughtException', crashed)
  process.off('unhandledRejection', crashed)
  record({
    suite: 'fuzzing',
    what: 'requests to the health port',
    tried,
    ended: { 'answered or refused, and the port still answers': tried - crashes.length },
  })
})

/** Sends bytes and gives the first line of the answer; empty if there was none. */
function send(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  tried++
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer.split('\r\n', 1)[0] ?? ''))
    for (const piece of pieces) socket.write(piece)
    socket.end()
  })
}

async function stillAnswers(): Promise<void> {
  expect(crashes).toEqual([])
  const answer = await fetch(`${server.url}/healthz`)
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ healthy: true })])
}

const head = 'Host: x\r\nConnection: close\r\n\r\n'

describe('the health port', () => {
  it.each(
    [
      ['a target that is no URL', `GET // HTTP/1.1\r\n${head}`, '404'],
      ['a target with a bad host', `GET //[ HTTP/1.1\r\n${head}`, '404'],
      ['a target of an impossible port', `GET http://x:99999999/ HTTP/1.1\r\n${head}`, '404'],
      ['a whole URL as a proxy gets it', `GET http://any:1/healthz?x HTTP/1.1\r\n${head}`, '200'],
      ['a path that only leads there', `GET /x/../healthz HTTP/1.1\r\n${head}`, '404'],
      ['a broken escape', `GET /%E0%A4%A HTTP/1.1\r\n${head}`, '404'],
      ['the target of the whole server', `OPTIONS * HTTP/1.1\r\n${head}`, '405'],
      ['a tunnel', `CONNECT example.org:443 HTTP/1.1\r\n${head}`, '405'],
      [
        'another protocol',
        `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
        '405',
      ],
      ['a method that writes', `POST /healthz HTTP/1.1\r\nContent-Length: 3\r\n${head}abc`, '405'],
      ['a method that changes', `DELETE /healthz HTTP/1.1\r\n${head}`, '405'],
      ['a head of 16 kB', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(16_384)}\r\n${head}`, '431'],
      ['a target of 16 kB', `GET /${'x'.repeat(16_384)} HTTP/1.1\r\n${head}`, '431'],
      ['a body of two lengths', `GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${head}`, '400'],
      ['the greeting of TLS', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), '400'],
      ['a head without an end', 'GET /healthz HTTP/1.1\r\nHost: x\r\n', '400'],
      ['a request without a body', `HEAD /healthz HTTP/1.1\r\n${head}`, '200'],
    ].map(([name = '', request = '', status]) => ({ name, request, status })),
  )('answers $name with $status', async ({ request, status }) => {
    expect(await send(request)).toContain(` ${status} `)
    await stillAnswers()
  })

  it('answers any request', async () => {
    const word = fc.constantFrom(
      ...['GET', 'HEAD', 'OPTIONS', 'CONNECT', 'PRI', 'get', ' ', '/', '//', '*', '?', '#', '%', '/healthz'],
      ...[
        'http://',
        '[::1',
        ':',
        '@',
        'HTTP/1.1',
        'HTTP/0.9',
        'HTTP/2.0',
        '\r\n',
        '\r',
        '\n',
        '\0',
        '\u00ff',
      ],
      ...['Host: x', 'Content-Length: -1', 'Transfer-Encoding: chunked', 'Upgrade: h2c', 'Connection: close'],
      ...['Expect: 100-continue', 'Expect: x', 'ffffffffffffffff', '\r\n\r\n'],
    )
    const piece = fc.oneof(
      { weight: 8, arbitrary: word },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    )
    const request = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''))
    const law = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (pieces) => {
      await send(...pieces.map((text) => Buffer.from(text, 'latin1')))
      expect(crashes).toEqual([])
    })
    await fc.assert(law, { numRuns: byProfile({ short: 400, long: 40_000 }), seed: 20_240_315 })
    await stillAnswers()
  })

  it('answers again once many idle connections are gone', async () => {
    const port = Number(new URL(server.url).port)
    const silent = Array.from({ length: 200 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    for (const socket of silent) socket.resetAndDestroy()
    await expect
      .poll(() =>
        fetch(`${server.url}/healthz`).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
    await stillAnswers()
  })
})
