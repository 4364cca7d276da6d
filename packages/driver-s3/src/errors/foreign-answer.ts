/** What an answer consists of that is not in S3's words. */
export interface Foreign {
  readonly status: number
  /** Whether the answer could come from an S3 server: `torn` is S3's, and broke off. */
  readonly kind: 'foreign' | 'torn'
  /** For people: `a web page, "MinIO Console"`. */
  readonly what: string
}

/** An answer that is not S3's, thrown before the SDK tries to read it. The retries of the SDK read its fields. */
export class ForeignAnswer extends Error implements Foreign {
  override readonly name = 'ForeignAnswer'
  readonly status: number
  readonly kind: Foreign['kind']
  readonly what: string
  readonly $metadata: { readonly httpStatusCode: number; attempts?: number | undefined }
  /** Makes the SDK try again. */
  readonly $retryable: Readonly<Record<string, never>> | undefined

  constructor({ status, kind, what }: Foreign) {
    super(what)
    this.status = status
    this.kind = kind
    this.what = what
    this.$metadata = { httpStatusCode: status }
    this.$retryable = kind === 'torn' ? {} : undefined
  }
}

/** The answers that are XML, by command, and the name of their outermost element. */
const roots: ReadonlyMap<string, string> = new Map([
  ['ListObjectsV2Command', 'ListBucketResult'],
  ['ListMultipartUploadsCommand', 'ListMultipartUploadsResult'],
  ['ListPartsCommand', 'ListPartsResult'],
  ['CreateMultipartUploadCommand', 'InitiateMultipartUploadResult'],
  ['CompleteMultipartUploadCommand', 'CompleteMultipartUploadResult'],
  ['GetBucketVersioningCommand', 'VersioningConfiguration'],
  ['GetObjectLockConfigurationCommand', 'ObjectLockConfiguration'],
])

/** The answers that carry an ETag, or at least another header of S3. */
const marked = new Set(['PutObjectCommand', 'UploadPartCommand', 'GetObjectCommand', 'HeadObjectCommand'])

export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Whether the body has to be looked at to know whose answer it is. */
export function mustBeRead(command: string, { status, headers }: Head): boolean {
  if (status >= 300 || roots.has(command)) return true
  return looksForeign(command, headers)
}

/** Throws if the answer to a command is not S3's. `body` is what {@link mustBeRead} requested. */
export function checkAnswer(command: string, { status, headers }: Head, body: string): void {
  const text = body.replace(/^\uFEFF/, '').trim()
  const root = rootOf(text)
  const wanted = status < 300 ? roots.get(command) : undefined
  if (root === 'Error' || (wanted !== undefined && root === wanted)) {
    if (isWhole(text, root)) return
    throw new ForeignAnswer({ status, kind: 'torn', what: 'an answer that breaks off' })
  }
  // Some servers call every answer a web page, also one without content (moto, by the default of its framework).
  if (text === '' && wanted === undefined && !marked.has(command) && isDone(status, headers)) return
  // An error without a body can be S3's own: answers to HEAD have none.
  if (text === '' && status >= 300 && (headers.location === undefined || hasMark(headers))) return
  throw new ForeignAnswer({ status, kind: 'foreign', what: describe(text, headers, root) })
}

function looksForeign(command: string, headers: Head['headers']): boolean {
  if (hasMark(headers)) return false
  return marked.has(command) || /html|json/.test(headers['content-type'] ?? '')
}

function hasMark(headers: Head['headers']): boolean {
  return headers.etag !== undefined || Object.keys(headers).some((name) => name.startsWith('x-amz-'))
}

/** Whether an answer without content says that the request was carried out. */
function isDone(status: number, headers: Head['headers']): boolean {
  return status === 204 || (status < 300 && headers['x-amzn-requestid'] !== undefined)
}

function rootOf(text: string): string | undefined {
  const found = /^(?:<\?[^>]*\?>\s*|<!--[\s\S]*?-->\s*)*<(?:[\w.-]+:)?([\w.-]+)/.exec(text)
  return found?.[1]
}

function isWhole(text: string, root: string): boolean {
  return new RegExp(`(</(?:[\\w.-]+:)?${root}\\s*>|/>)$`).test(text)
}

function describe(text: string, headers: Head['headers'], root: string | undefined): string {
  const type = headers['content-type'] ?? ''
  if (headers.location !== undefined) return `a redirect to ${headers.location}`
  if (text === '') return 'nothing'
  if (/html/.test(type) || /^<(!doctype\s+html|html)/i.test(text)) {
    const title = /<title[^>]*>([^<]{1,100})/i.exec(text)?.[1]?.trim()
    return title === undefined ? 'a web page' : `a web page, "${title}"`
  }
  if (/json/.test(type) || /^[{[]/.test(text)) return 'JSON'
  return root === undefined ? 'something else' : `<${root}>`
}
