import * as z from 'zod'

/** Where a request went. */
export interface Address {
  /** `host:port`, the port only if it is not the protocol's default. */
  readonly host: string
  /** With protocol and path, without query: what a person can open. */
  readonly url: string
}

const requestSchema = z.object({
  protocol: z.string(),
  hostname: z.string(),
  port: z.number().optional(),
  path: z.string().default('/'),
})

/** The address in a request of the SDK; `undefined` if it is not an HTTP request. */
export function addressOf(request: unknown): Address | undefined {
  const parsed = requestSchema.safeParse(request)
  if (!parsed.success) return undefined
  const { protocol, hostname, port, path } = parsed.data
  const host = port === undefined ? hostname : `${hostname}:${port}`
  return { host, url: `${protocol}//${host}${path}` }
}
