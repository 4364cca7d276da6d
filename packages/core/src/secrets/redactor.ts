import { decoded, formsOf, spellingsOf } from './spellings.js'

/** Replaces a secret. */
const mask = '***'

/** The placeholder for a secret in help and advice. */
const placeholder = 'KEY:SECRET'

/**
 * Shorter texts are hidden only in an address or next to their key: hiding every "test" in a
 * path would make the path useless.
 */
const shortest = 8

/** Names whose values are secrets, in addresses, configuration and the environment. */
const secretName =
  /secret|password|passphrase|token|credential|signature|private|(^|[._-])(access_?key|key|pass)$|[a-z]Key$/i

/** Takes secrets out of whatever is printed. */
export interface Redactor {
  /** From now on hides this connection string's credentials, in every spelling. */
  hideConnection(connection: string): void
  /**
   * From now on hides these texts wherever they appear: as they are, percent-encoded, escaped, in base64 and in hex,
   * and each line of one that has several.
   */
  hide(...secrets: readonly string[]): void
  /** Hides every text in a configuration whose name says that it is a secret. */
  hideIn(settings: unknown): void
  text(text: string): string
  /** The same for the texts inside a document that is about to become JSON. */
  document(value: unknown): unknown
}

/** A redactor that knows the secrets of an environment. */
export function redactor(environment: Readonly<Record<string, string | undefined>> = {}): Redactor {
  /** How each secret may be written, as the source of a regular expression. */
  const spellings = new Map<string, string>()
  let pattern: RegExp | undefined

  const hide: Redactor['hide'] = (...secrets) => {
    for (const form of secrets.flatMap(formsOf)) {
      if (form.trim().length >= shortest && !spellings.has(form)) spellings.set(form, spellingsOf(form))
    }
    // The longest first, so that a shorter secret found inside a longer one does not leave a part of it visible.
    const ordered = [...spellings].sort(([a], [b]) => b.length - a.length)
    pattern = ordered.length === 0 ? undefined : new RegExp(ordered.map(([, each]) => each).join('|'), 'g')
  }

  const hideConnection: Redactor['hideConnection'] = (connection) => {
    const [, userInfo = ''] = /^[a-z][a-z0-9+.-]*:\/\/(.*)@/is.exec(connection) ?? []
    const colon = userInfo.indexOf(':')
    const password = colon === -1 ? '' : userInfo.slice(colon + 1)
    const name = colon === -1 ? userInfo : userInfo.slice(0, colon)
    hide(userInfo, password, name, `${decoded(name)}:${decoded(password)}`)
    for (const [, key = '', value = ''] of connection.matchAll(/[?&]([^=&#\s]+)=([^&#\s]*)/g)) {
      if (isSecretInQuery(key)) hide(value)
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

/** An address without its user and password and without what is secret in its query, however short they are. */
export function withoutCredentials(address: string): string {
  return withoutUserInfo(address.replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, `$1${mask}@`))
}

/** In an address any kind of key is hidden, its id included. */
function isSecretInQuery(name: string): boolean {
  return secretName.test(name) || /key/i.test(name)
}

/** Everything between `://` and the last `@` of the same word, and secrets in a query. */
function withoutUserInfo(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>]*)@/gi, (whole, scheme: string, userInfo: string) =>
      userInfo === placeholder ? whole : `${scheme}${mask}@`,
    )
    .replaceAll(/([?&]([^=&#\s"'`]+)=)([^&#\s"'`]+)/g, (whole, head: string, name: string) =>
      isSecretInQuery(name) ? `${head}${mask}` : whole,
    )
}

function* secretsIn(value: unknown, secret: boolean, above: readonly object[] = []): Generator<string> {
  if (typeof value === 'string') {
    if (secret) yield value
    return
  }
  // A configuration module may contain a driver, and a driver may contain itself.
  if (typeof value !== 'object' || value === null || above.includes(value)) return
  for (const [key, inner] of Object.entries(value))
    yield* secretsIn(inner, secret || secretName.test(key), [...above, value])
}
