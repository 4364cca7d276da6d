import type * as z from 'zod'

/** Providers whose settings are known, each from its public documentation; the guide says what was tried. */
export const providers = ['r2', 'b2', 'ceph', 'minio'] as const

export type Provider = (typeof providers)[number]

/** The options that a provider decides, as they were given. */
interface Given {
  readonly provider?: Provider | undefined
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly forcePathStyle?: boolean | undefined
  readonly requestChecksumCalculation?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED' | undefined
  readonly tags?: unknown
  readonly objectLock?: unknown
}

interface Rules {
  /** The form of the endpoint, for people, and whether an endpoint has it. */
  readonly endpoint: string
  readonly fits: RegExp
  /** The defaults for options that were not set. */
  readonly defaults: (given: Given) => Partial<Given>
  /** Options that the provider refuses, and why. */
  readonly refuses?: Partial<Record<'tags' | 'objectLock', string>> | undefined
}

const anyUrl = /^https?:\/\//

const rules: Record<Provider, Rules> = {
  // https://developers.cloudflare.com/r2/api/s3/api/
  r2: {
    endpoint: 'https://<account id>.r2.cloudflarestorage.com',
    fits: /^https:\/\/[^/]+\.r2\.cloudflarestorage\.com\/?$/,
    defaults: () => ({ region: 'auto' }),
  },
  // https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api
  b2: {
    endpoint: 'https://s3.<region>.backblazeb2.com',
    fits: /^https:\/\/s3\.[^/.]+\.backblazeb2\.com\/?$/,
    defaults: ({ region, endpoint = '' }) => ({
      region: /^https:\/\/s3\.([^/.]+)\./.exec(endpoint)?.[1],
      endpoint: region === undefined ? undefined : `https://s3.${region}.backblazeb2.com`,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    }),
    refuses: { tags: 'B2 refuses uploads with tags' },
  },
  // https://docs.ceph.com/en/latest/radosgw/s3/
  ceph: {
    endpoint: 'the URL of radosgw, such as https://s3.example.com:7480',
    fits: anyUrl,
    defaults: () => ({ region: 'us-east-1', forcePathStyle: true }),
  },
  // https://github.com/minio/minio
  minio: {
    endpoint: 'the URL of its API (port 9000, not the console’s)',
    fits: anyUrl,
    defaults: () => ({ region: 'us-east-1', forcePathStyle: true }),
  },
}

/** The options with what the provider decides; what was given stays. */
export function withProvider<Options extends Given>(options: Options): Options {
  if (options.provider === undefined) return options
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...options, ...rules[options.provider].defaults(options), ...Object.fromEntries(given) }
}

/** Says what of the options the provider cannot have. */
export function checkProvider(options: Given, context: z.RefinementCtx): void {
  if (options.provider === undefined) return
  const { endpoint, fits, refuses = {} } = rules[options.provider]
  if (options.endpoint === undefined || !fits.test(options.endpoint))
    context.addIssue({
      code: 'custom',
      path: ['endpoint'],
      message: `provider ${options.provider} needs ${endpoint}`,
    })
  for (const name of ['tags', 'objectLock'] as const) {
    if (options[name] !== undefined && refuses[name] !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: refuses[name] })
  }
}
