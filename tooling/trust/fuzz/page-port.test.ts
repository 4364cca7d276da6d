import { connect } from 'node:net'
import { redactor } from '@s3db-backup/core/internal'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackupPlugin } from '../../../apps/plugin/src/index.ts'
import { type PageServer, servePage } from '../../../apps/ui/src/index.ts'
import { byProfile, record } from '../record.ts'

/** What ends the process of a page, and this one does not: it counts. */
const crashes: unknown[] = []
const crashed = (error: unknown) => crashes.push(error)
let server: PageServer
let cookie = ''
let tried = 0

beforeAll(async () => {
  const plugin = new BackupPlugin({ driver: 'filesystem', config: { path: '/nonexistent/backups' } })
  server = await servePage({ plugin, redactor: redactor(), port: 0, allowWrites: true, onCrash: crashed })
  const opened = await fetch(server.link())
  cookie = opened.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
  process.on('uncaughtException', crashed)
  process.on('unhandledRejection', crashed)
})

afterAll(async () => {
  await server.close()
  process.off('uncaughtException', crashed)
  process.off('unhandledRejection', crashed)
  record({
    suite: 'fuzzing',
    what: 'requests to the port of the page',
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
  const { status } = await fetch(`${server.url}/client.css`)
  expect([200, 429]).toContain(status)
}

describe('the port of the page', () => {
  it('answers requests that no browser sends', async () => {
    const head = 'Host: x\r\nConnection: close\r\n\r\n'
    const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
      [`GET // HTTP/1.1\r\n${head}`, /4\d\d/],
      [`GET //[ HTTP/1.1\r\n${head}`, /4\d\d/],
      [`GET http://x:99999999/ HTTP/1.1\r\n${head}`, /4\d\d/],
      [`GET /%E0%A4%A HTTP/1.1\r\n${head}`, /4\d\d/],
      [`OPTIONS * HTTP/1.1\r\n${head}`, /4\d\d/],
      ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', /4\d\d/],
      [`CONNECT example.org:443 HTTP/1.1\r\n${head}`, /405/],
      ['GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', /405/],
      [`GET / HTTP/1.1\r\nX: ${'x'.repeat(16_384)}\r\n${head}`, /431/],
      [`GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${head}`, /400/],
      [Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), /400/],
    ]
    for (const [request, status] of cases) expect(await send(request)).toMatch(status)
    await stillAnswers()
  })

  it('answers any request, with and without a session', async () => {
    const port = new URL(server.url).port
    const own = `Host: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nX-S3db-Backup-Page: 1\r\nOrigin: ${server.url}\r\n`
    const word = fc.constantFrom(
      ...[
        'GET',
        'POST',
        'HEAD',
        'OPTIONS',
        'PRI',
        ' ',
        '/',
        '//',
        '*',
        '?',
        '#',
        '%',
        '/api/home',
        '/open?once=',
      ],
      ...[
        '/api/records?backup=',
        '/api/backup?id=../x',
        '/api/dry-run',
        '/api/restore',
        '%2e%2e',
        '__proto__',
      ],
      ...['http://', '[::1', ':', '@', 'HTTP/1.1', 'HTTP/0.9', '\r\n', '\r', '\n', '\0', '\u00ff', own],
      ...['Host: x', 'Content-Length: -1', 'Content-Length: 2', 'Transfer-Encoding: chunked', 'Upgrade: h2c'],
      ...['Cookie: a=%', 'Expect: 100-continue', '{}', '[', 'ffffffffffffffff', '\r\n\r\n'],
    )
    const piece = fc.oneof(
      { weight: 8, arbitrary: word },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    )
    const whole = fc
      .tuple(fc.constantFrom('GET', 'POST'), fc.array(word, { maxLength: 3 }), fc.string({ maxLength: 30 }))
      .map(
        ([method, path, body]) =>
          `${method} /${path.join('').replaceAll(/[\s\0]/g, '')} HTTP/1.1\r\n${own}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      )
    const request = fc.oneof(
      fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
      whole,
    )
    const law = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), async (pieces) => {
      await send(...pieces.map((text) => Buffer.from(text, 'latin1')))
      expect(crashes).toEqual([])
    })
    await fc.assert(law, { numRuns: byProfile({ short: 300, long: 20_000 }), seed: 20_240_315 })
    await stillAnswers()
  })
})
