import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** The user of the page, as named in the records of started work. */
export interface Operator {
  readonly name: string
}

export interface Sessions {
  /** A token that opens the page once. */
  link(): string
  /** Uses a link up: the token of a new session, or nothing. */
  open(token: string): string | undefined
  /** A new session, after a login. */
  begin(operator: Operator): string
  find(token: string | undefined): Operator | undefined
  end(token: string | undefined): void
}

interface Known {
  readonly operator: Operator
  seen: number
}

/** A session that nobody used for so long is over, in ms. */
const idle = 12 * 60 * 60 * 1000
/** More are not kept: the one that was idle longest goes. */
const most = 100

/** Sessions of one process, in memory. Only the hash of a token is kept. */
export function sessions(now: () => number = Date.now): Sessions {
  let links: Buffer[] = []
  const known = new Map<string, Known>()
  const begin = (operator: Operator) => {
    const token = newToken()
    const [oldest] = known.keys()
    if (known.size >= most && oldest !== undefined) known.delete(oldest)
    known.set(hash(token).toString('hex'), { operator, seen: now() })
    return token
  }
  return {
    link() {
      const token = newToken()
      links.push(hash(token))
      return token
    },
    open(token) {
      const asked = hash(token)
      const left = links.filter((one) => !timingSafeEqual(one, asked))
      if (left.length === links.length) return undefined
      links = left
      return begin({ name: 'link' })
    },
    begin,
    find(token) {
      if (token === undefined) return undefined
      const key = hash(token).toString('hex')
      const session = known.get(key)
      if (session === undefined) return undefined
      known.delete(key)
      if (now() - session.seen > idle) return undefined
      session.seen = now()
      known.set(key, session)
      return session.operator
    },
    end(token) {
      if (token !== undefined) known.delete(hash(token).toString('hex'))
    },
  }
}

function newToken(): string {
  return randomBytes(32).toString('base64url')
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
