import { createHash, randomUUID } from 'node:crypto'
import type { Endpoint } from './endpoint.ts'
import { type SignedRequest, send } from './signed-request.ts'

/** A bucket of a test, reached without any S3 library: what it shows is what the server itself says. */
export interface Bucket {
  readonly name: string
  /** Every key below a prefix, in the order of the listing. */
  keys(prefix?: string): Promise<string[]>
  /** The keys of all multipart uploads that are neither completed nor aborted. */
  openUploads(): Promise<string[]>
  /** The headers that an object is described with. */
  head(key: string): Promise<Headers>
  /** Empties and removes the bucket. */
  remove(): Promise<void>
}

/** Makes a new bucket on a server. */
export async function makeBucket(endpoint: Endpoint): Promise<Bucket> {
  const name = `s3db-backup-test-${randomUUID()}`
  const ask = (method: string, path = '', more: Partial<SignedRequest> = {}) =>
    send(endpoint, { method, path: `/${name}${path}`, query: {}, body: '', headers: {}, ...more })
  await ask('PUT')

  const keys = async (prefix = '') => {
    const found: string[] = []
    let token: string | undefined
    do {
      const query = {
        'list-type': '2',
        prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      }
      const page = await (await ask('GET', '', { query })).text()
      found.push(...every(page, 'Key'))
      token = every(page, 'NextContinuationToken')[0]
    } while (token !== undefined)
    return found
  }

  const removeObjects = async (all: readonly string[]) => {
    for (let at = 0; at < all.length; at += 1000) {
      const objects = all.slice(at, at + 1000).map((key) => `<Object><Key>${escaped(key)}</Key></Object>`)
      const body = `<Delete><Quiet>true</Quiet>${objects.join('')}</Delete>`
      const md5 = createHash('md5').update(body).digest('base64')
      await ask('POST', '', { query: { delete: '' }, body, headers: { 'content-md5': md5 } })
    }
  }

  return {
    name,
    keys,
    openUploads: async () => every(await (await ask('GET', '', { query: { uploads: '' } })).text(), 'Key'),
    head: async (key) => (await ask('HEAD', `/${key.split('/').map(encodeURIComponent).join('/')}`)).headers,
    async remove() {
      // What was still being written when it was listed is there the next time.
      for (let left = await keys(); left.length > 0; left = await keys()) await removeObjects(left)
      await ask('DELETE')
    },
  }
}

function every(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
