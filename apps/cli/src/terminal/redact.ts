/** What stands where a secret was. */
const mask = '***'

/** What stands where a secret goes in help and advice. */
const placeholder = 'KEY:SECRET'

/**
 * Shorter texts are hidden only where they stand in an address or beside their key: hiding every "test" in a
 * path would make the path useless.
 */
const shortest = 8

/** Names whose values are secrets, in addresses, configuration and the environment. */
const secretName =
  /secret|password|passphrase|token|credential|private|(^|[._-])(access_?key|key|pass)$|[a-z]Key$/i

/** Takes secrets out of whatever is printed. */
export interface Redactor {
  /** From now on hides this connection string, and its parts in every spelling. */
  hideConnection(connection: string): void
  /** From now on hides these texts wherever they appear. */
  hide(...secrets: readonly string[]): void
  /** Hides every text in a configuration whose name says that it is a secret. */
  hideIn(settings: unknown): void
  text(text: string): string
  /** The same for the texts inside a document that is about to become JSON. */
  document(value: unknown): unknown
}

/** A redactor that knows the secrets of the environment. */
export function redactor(environment: Readonly<Record<string, string | undefined>> = {}): Redactor {
  const spellings = new Set<string>()
  let pattern: RegExp | undefined

  const hide: Redactor['hide'] = (...secrets) => {
    for (const secret of secrets) {
      for (const spelling of spellingsOf(secret)) if (spelling.length >= shortest) spellings.add(spelling)
    }
    // The longest first, so that no secret survives in part because a shorter one was found inside it.
    const ordered = [...spellings].sort((a, b) => b.length - a.length)
    pattern = ordered.length === 0 ? undefined : new RegExp(ordered.map(escapeForRegExp).join('|'), 'g')
  }

  const hideConnection: Redactor['hideConnection'] = (connection) => {
    const [, userInfo = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(connection) ?? []
    const colon = userInfo.indexOf(':')
    const password = colon === -1 ? '' : userInfo.slice(colon + 1)
    const name = colon === -1 ? userInfo : userInfo.slice(0, colon)
    hide(userInfo, password, name, decoded(userInfo), `${decoded(name)}:${decoded(password)}`)
    for (const [, key = '', value = ''] of connection.matchAll(/[?&]([^=&#\s]+)=([^&#\s]*)/g)) {
      if (secretName.test(key)) hide(value)
    }
  }

  const text: Redactor['text'] = (given) => withoutUserInfo(pattern ? given.replace(pattern, mask) : given)

  const document: Redactor['document'] = (value) => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(document)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), document(inner)]))
  }

  const hideIn: Redactor['hideIn'] = (settings) => {
    for (const secret of secretsIn(settings, false)) hide(secret)
  }

  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '') continue
    if (/:\/\/\S*@/.test(value)) hideConnection(value)
    else if (secretName.test(name)) hide(value)
  }
  return { hideConnection, hide, hideIn, text, document }
}

/** The ways in which a secret may turn up: as it was written, decoded, percent-encoded, inside JSON. */
function spellingsOf(secret: string): Set<string> {
  const plain = decoded(secret)
  const encoded = [secret, plain].map(percentEncoded)
  const all = [secret, plain, ...encoded, ...encoded.map(lowerHex)]
  return new Set([...all, ...all.map((spelling) => JSON.stringify(spelling).slice(1, -1))])
}

function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
}

function lowerHex(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded, or badly: then it is meant as it stands.
    return text
  }
}

/** Whatever stands between `://` and the last `@` of the same word, and secrets in a query. */
function withoutUserInfo(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>]*)@/gi, (whole, scheme: string, userInfo: string) =>
      userInfo === placeholder ? whole : `${scheme}${mask}@`,
    )
    .replaceAll(/([?&]([^=&#\s"'`]+)=)([^&#\s"'`]+)/g, (whole, head: string, name: string) =>
      secretName.test(name) ? `${head}${mask}` : whole,
    )
}

function* secretsIn(value: unknown, secret: boolean, above: readonly object[] = []): Generator<string> {
  if (typeof value === 'string') {
    if (secret) yield value
    return
  }
  // A configuration that is a module may hold a driver, and a driver may hold itself.
  if (typeof value !== 'object' || value === null || above.includes(value)) return
  for (const [key, inner] of Object.entries(value))
    yield* secretsIn(inner, secret || secretName.test(key), [...above, value])
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
