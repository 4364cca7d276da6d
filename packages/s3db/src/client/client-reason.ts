import type { ErrorCode } from '@s3db-backup/core'

/** Why a request to a database failed, in words. */
interface Reason {
  readonly why: string
  /** The code of an error whose cause is the way to the server. */
  readonly code?: ErrorCode
  readonly suggestion?: string
}

interface Connection {
  readonly why: string
  readonly code: ErrorCode
  readonly suggestion: string
}

const address = 'the connection string of the database'
const refused = `Check the host and port in ${address}, and whether the server runs.`
const noTls: Connection = {
  why: 'it does not speak TLS',
  code: 'invalid_options',
  suggestion: `Begin ${address} with http://, or give the port that speaks HTTPS.`,
}
const untrusted: Connection = {
  why: 'certificate not trusted',
  code: 'invalid_options',
  suggestion:
    'If the certificate is from your own authority, name that authority’s certificate in NODE_EXTRA_CA_CERTS (a PEM file).',
}

const noCredentials: Connection = {
  why: 'no credentials were found',
  code: 'permission_denied',
  suggestion: `Write KEY:SECRET@ into ${address}, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role.`,
}

/** By the code or the name of an error, before anything was sent. */
const unusableConnections: Readonly<Record<string, Connection>> = {
  CredentialsProviderError: noCredentials,
  ERR_INVALID_URL: {
    why: 'the connection string, or an address in it, is no URL',
    code: 'invalid_options',
    suggestion: `Correct ${address}.`,
  },
}

const connections: Readonly<Record<string, Connection>> = {
  ECONNREFUSED: { why: 'connection refused', code: 'unavailable', suggestion: refused },
  ENOTFOUND: { why: 'unknown host', code: 'unavailable', suggestion: refused },
  EAI_AGAIN: {
    why: 'the name cannot be looked up now',
    code: 'unavailable',
    suggestion: 'Check the network and its DNS.',
  },
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
}

/**
 * The reason in an error of the client. s3db.js writes codes and the stack of the error below into the message of the
 * one above, so the innermost error says it best.
 */
export function reasonOf(error: unknown): Reason {
  const innermost = innermostOf(error)
  const connection = connections[textIn(innermost, 'code')]
  if (connection !== undefined) {
    const { why, ...rest } = connection
    return { why: `cannot connect to ${serverOf(innermost)} (${why})`, ...rest }
  }
  const unusable = unusableConnections[textIn(innermost, 'code') || textIn(innermost, 'name')]
  if (unusable !== undefined) return unusable
  if (innermost instanceof Error && innermost.name === 'NoSuchBucket') {
    const bucket = textIn(innermost, 'BucketName') || textIn(error, 'bucket')
    return {
      why: bucket === '' ? 'its bucket does not exist' : `the bucket ${bucket} does not exist`,
      suggestion: `Check the bucket and the server in ${address}.`,
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  if (!message.includes(' | Stack: ')) return { why: message }
  return { why: (innermost instanceof Error && innermost.message) || message.split(' | ', 1).join() }
}

/** The error at the bottom of a chain of `original`s. */
export function innermostOf(error: unknown): unknown {
  let innermost = error
  for (let next = error; next instanceof Error; next = Reflect.get(next, 'original')) innermost = next
  return innermost
}

function serverOf(error: unknown): string {
  const port = error instanceof Error ? Reflect.get(error, 'port') : undefined
  const host = textIn(error, 'hostname') || textIn(error, 'address')
  if (host === '') return 'the server'
  return typeof port === 'number' ? `${host.includes(':') ? `[${host}]` : host}:${port}` : host
}

function textIn(error: unknown, field: string): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, field) : undefined
  return typeof value === 'string' ? value : ''
}
