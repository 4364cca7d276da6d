import type { Cause, RequestFacts } from './error-causes.js'

/* Why there was no answer at all. */

type Advice = Exclude<Cause['suggestion'], undefined>

const checkEndpoint = 'Check the host and port of endpoint, and whether the server runs.'

/** With the proxy, which may be what cannot be reached. */
const placeOf = ({ host, proxy }: RequestFacts) =>
  proxy === undefined ? host : `${host} through the proxy ${proxy}`

const cannotConnect = (why: string, suggestion?: string): Cause => ({
  code: 'unavailable',
  message: (facts) => `Cannot connect to ${placeOf(facts)} (${why})`,
  ...(suggestion === undefined ? {} : { suggestion }),
})

const brokeOff = (why: string): Cause => ({
  code: 'unavailable',
  message: (facts) => `The connection to ${placeOf(facts)} broke off (${why})`,
})

const wrongSetting = (why: string, suggestion: Advice): Cause => ({
  code: 'invalid_options',
  message: (facts) => `Cannot connect to ${placeOf(facts)} (${why})`,
  suggestion,
})

const silent: Cause = { code: 'unavailable', message: (facts) => `${placeOf(facts)} did not answer in time` }
const noRoute = cannotConnect('no way to that network', 'Check the network, a VPN and a firewall.')
const untrusted = wrongSetting(
  'certificate not trusted',
  'If the server or a proxy has a certificate of your own authority, name it in AWS_CA_BUNDLE (a PEM file).',
)
const otherName = wrongSetting(
  'certificate of another host',
  'Set endpoint to a name that the certificate holds; forcePathStyle helps where it is the bucket’s name that it lacks.',
)
const outOfDate: Cause = {
  code: 'unavailable',
  retriable: false,
  message: (facts) => `Cannot connect to ${placeOf(facts)} (certificate out of date)`,
  suggestion: 'Have the server’s certificate renewed, and check the clock of this machine.',
}
const notTls = wrongSetting(
  'no TLS',
  ({ host }: RequestFacts) => `Set endpoint to http://${host}, or to the port that speaks HTTPS.`,
)

/** By the code of Node's error: errno, OpenSSL's and Node's own. */
export const connectionCauses: Readonly<Record<string, Cause>> = {
  ECONNREFUSED: cannotConnect('connection refused', checkEndpoint),
  ENOTFOUND: cannotConnect('unknown host', checkEndpoint),
  EAI_AGAIN: cannotConnect('the name cannot be looked up now', 'Check the network and its DNS.'),
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  ENETDOWN: noRoute,
  ETIMEDOUT: silent,
  TimeoutError: silent,
  ECONNRESET: brokeOff('connection reset'),
  ECONNABORTED: brokeOff('connection aborted'),
  EPIPE: brokeOff('the server closed it'),
  ERR_STREAM_PREMATURE_CLOSE: brokeOff('the server closed it'),
  HPE_INVALID_CONSTANT: wrongSetting('the server does not speak HTTP', checkEndpoint),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
  HOSTNAME_MISMATCH: otherName,
  CERT_HAS_EXPIRED: outOfDate,
  CERT_NOT_YET_VALID: outOfDate,
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
}

/** Any other failure of Node's that has a code. */
export const otherFailure: Cause = {
  code: 'unavailable',
  message: (facts) => `The connection to ${placeOf(facts)} failed`,
}
