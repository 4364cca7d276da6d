import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, setCookie } from 'hono/cookie'
import { failed, problemOf } from './answer.js'
import type { Assets } from './assets.js'
import { icon, lockedDocument, openedDocument, pageDocument, passwordDocument } from './documents.js'
import type { Page } from './page.js'
import { backupRoutes } from './routes/backups.js'
import { homeRoutes } from './routes/home.js'
import { reachRoutes } from './routes/reach.js'
import { recordRoutes } from './routes/records.js'
import { scheduleRoutes } from './routes/schedule.js'
import { workRoutes } from './routes/work.js'
import { isLoopback } from './security/allowed-hosts.js'
import { cookiesNamed } from './security/cookies-named.js'
import { pageHeaders } from './security/page-headers.js'
import { passwordCheck } from './security/password.js'
import { type Rate, rateLimit } from './security/rate-limit.js'
import { foreign, mark } from './security/same-origin.js'
import type { Sessions } from './security/sessions.js'
import { proxyOperator, type TrustedProxy } from './security/trusted-proxy.js'
import type { Visit } from './visit.js'

export interface Entrance {
  readonly sessions: Sessions
  /** Values of `Host` that are answered. Known once the server listens. */
  readonly hosts: () => ReadonlySet<string>
  readonly password: string | undefined
  readonly trustProxy: TrustedProxy | undefined
  /** Cookies know no ports: each server has a name of its own for its. */
  readonly cookie: () => string
  /** Requests that an address may make. */
  readonly rate: Rate
}

/** The longest body that a request may have, in bytes. */
const longestBody = 64 * 1024
const attempts: Rate = { most: 10, within: 60_000 }

/** Everything that the server answers. Each request passes all the checks, from top to bottom, before a route has it. */
export function application(page: Page, assets: Assets, entrance: Entrance): Hono<Visit> {
  const { sessions, hosts, password, trustProxy, cookie, rate } = entrance
  const app = new Hono<Visit>({ strict: true })
  const mayAsk = rateLimit(rate)
  const mayTry = rateLimit(attempts)
  const check = password === undefined ? undefined : passwordCheck(password)
  const fromProxy = trustProxy === undefined ? undefined : proxyOperator(trustProxy)

  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(pageHeaders)) context.res.headers.set(name, value)
  })

  app.use(async (context, next) => {
    const { req } = context
    const host = (req.header('host') ?? '').toLowerCase()
    if (!hosts().has(host)) return context.text('This server does not answer to that name\n', 421)
    if (!mayAsk(remoteOf(context.env))) return context.text('Too many requests\n', 429)
    const isLink = req.method === 'GET' && req.path === '/open'
    const why = foreign({
      method: req.method,
      host,
      origin: req.header('origin'),
      site: req.header('sec-fetch-site'),
      mode: req.header('sec-fetch-mode'),
      marked: req.header(mark) === '1',
      isApi: isApi(req.path),
    })
    if (!isLink && why !== undefined) return context.text(`${why}\n`, 403)
    return next()
  })
  app.use(async ({ req, text }, next) =>
    // An event stream without a body would never end: nobody reads it.
    req.method === 'HEAD' && isApi(req.path)
      ? text('Only GET and POST\n', 405, { allow: 'GET, POST' })
      : next(),
  )
  app.use(bodyLimit({ maxSize: longestBody, onError: (context) => context.text('Too long\n', 413) }))

  const enter = (context: Parameters<typeof setCookie>[0], session: string) => {
    const { hostname } = new URL(`http://${context.req.header('host') ?? ''}`)
    setCookie(context, cookie(), session, {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      secure: !isLoopback(hostname.replaceAll(/[[\]]/g, '')),
    })
  }

  /** Other servers of this machine can set a cookie of this name beside ours. */
  const sessionIn = (header: string | undefined) =>
    cookiesNamed(cookie(), header)
      .map((token) => sessions.find(token))
      .find((operator) => operator !== undefined)

  app.get('/open', (context) => {
    // A program that only probes the address must not use up the link.
    if (context.req.method !== 'GET') return context.body(null, 405)
    const session = sessions.open(context.req.query('once') ?? '')
    if (session === undefined) return context.html(lockedDocument, 401)
    enter(context, session)
    return context.html(openedDocument)
  })
  app.get('/client.css', (context) =>
    context.body(assets.style, 200, { 'content-type': 'text/css; charset=utf-8' }),
  )
  app.get('/icon.svg', (context) => context.body(icon, 200, { 'content-type': 'image/svg+xml' }))
  app.post('/enter', async (context) => {
    if (check === undefined) return context.notFound()
    if (!mayTry(remoteOf(context.env))) return context.html(passwordDocument('often'), 429)
    // Our form sends nothing else. A body of parts is not parsed for strangers.
    const given = new URLSearchParams(await context.req.text()).get('password')
    if (given === null || !(await check(given))) return context.html(passwordDocument('wrong'), 401)
    enter(context, sessions.begin({ name: 'password' }))
    return context.redirect('/', 303)
  })

  app.use(async (context, next) => {
    const operator =
      fromProxy?.(remoteOf(context.env), (name) => context.env.incoming.headersDistinct[name]) ??
      sessionIn(context.req.header('cookie'))
    if (operator !== undefined) {
      context.set('operator', operator)
      return next()
    }
    if (isApi(context.req.path)) return context.json({ problem: noSession }, 401)
    return context.html(check === undefined ? lockedDocument : passwordDocument(), 401)
  })

  app.get('/client.js', (context) =>
    context.body(assets.script, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  )
  app.post('/api/leave', (context) => {
    for (const token of cookiesNamed(cookie(), context.req.header('cookie'))) sessions.end(token)
    deleteCookie(context, cookie(), { path: '/' })
    return context.json({})
  })
  homeRoutes(app, page)
  backupRoutes(app, page)
  reachRoutes(app, page)
  recordRoutes(app, page)
  workRoutes(app, page)
  scheduleRoutes(app, page)

  // The page's script knows what to show at each address.
  app.get('*', (context) => (isApi(context.req.path) ? context.notFound() : context.html(pageDocument)))
  app.notFound((context) => context.json({ problem: nothingThere }, 404))
  app.onError((error, context) => {
    const over = [page.signal, context.req.raw.signal]
    // The client left while its request was read.
    const left = context.env.incoming.errored === error
    if (problemOf(error).code === 'internal' && !left && !isEndOf(over, error)) page.onCrash?.(error)
    return failed(context, page.redactor, error)
  })
  return app
}

/** Whether it only means that the server was closed, or that the client has left. */
function isEndOf(over: readonly AbortSignal[], error: Error): boolean {
  return over.some(({ aborted, reason }) => aborted && (error === reason || error.name === 'AbortError'))
}

function isApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/')
}

function remoteOf({ incoming }: HttpBindings): string {
  return incoming.socket.remoteAddress ?? ''
}

const noSession = {
  code: 'permission_denied',
  message: 'The session is over',
  suggestion: 'Open the page with a new link.',
}
const nothingThere = {
  code: 'not_found',
  message: 'This page does not exist',
  suggestion: 'Reload the page.',
}
