/** The headers that show which page makes a request. */
export interface Asked {
  readonly method: string
  readonly host: string
  /** The origin of the requesting page, if the browser sends it. */
  readonly origin: string | undefined
  readonly site: string | undefined
  readonly mode: string | undefined
  /** The header that only our own page sends: another origin would have to ask first, and is never allowed. */
  readonly marked: boolean
  /** Whether it is for data, or starts something. */
  readonly isApi: boolean
}

/** The header that the page sends with each request for data. */
export const mark = 'x-s3db-backup-page'

/** Why a request does not come from our own page; nothing if it does. */
export function foreign({ method, host, origin, site, mode, marked, isApi }: Asked): string | undefined {
  if (origin !== undefined && !isOrigin(origin, host))
    return 'The request comes from a page of another origin'
  const isVisit = site === 'none' && method === 'GET' && !isApi && (mode === undefined || mode === 'navigate')
  if (site !== undefined && site !== 'same-origin' && !isVisit)
    return 'The request was made by a page of another site'
  if (method !== 'GET' && method !== 'HEAD' && origin === undefined && site === undefined)
    return 'The request does not name its page'
  if (isApi && !marked) return 'The request was not made by the page'
  return undefined
}

function isOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}
