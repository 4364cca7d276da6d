import { type Cause, causeOfStatus, otherOutage } from './error-causes.js'
import type { Foreign } from './foreign-answer.js'

/** Why an answer is not in S3's words: who may have given it, by its status. */
export function causeOfForeign({ status, kind, what }: Foreign): Cause {
  if (kind === 'torn')
    return { code: 'unavailable', message: ({ host }) => `The answer of ${host} broke off in the middle` }
  const known = causeOfStatus.get(status)
  if (status === 403) {
    return {
      code: 'permission_denied',
      message: ({ host }) => `A proxy or firewall at ${host} refuses the request with ${what}`,
      suggestion: 'Ask its operator to let requests to the storage through.',
    }
  }
  if (status === 401 || status === 407) {
    return {
      code: 'permission_denied',
      message: ({ host }) => `A proxy at ${host} requires a login and answers with ${what}`,
      suggestion:
        'Give the proxy’s name and password in HTTPS_PROXY or HTTP_PROXY, or ask for a way around it.',
    }
  }
  if (status >= 500 || status === 413 || status === 429) return known ?? otherOutage
  return {
    code: 'invalid_options',
    message: ({ url, host }) =>
      `${url ?? host} answers with ${what} instead of S3’s XML: this is no S3 endpoint`,
    suggestion:
      'Set endpoint to the address of the S3 API itself: not to a web console or a login page, and with the right port and path.',
  }
}
