import { createHash, randomUUID } from 'node:crypto'
import type { Endpoint } from './endpoint.ts'
import { encoded, type SignedRequest, send } from './signed-request.ts'

/** A bucket of a test, reached without any S3 library: what it shows is what the server itself says. */
export interface Bucket {
  readonly name: string
  /** Every key below a prefix, in the order of the listing. */
  keys(prefix?: string): Promise<string[]>
  /** The keys of all multipart uploads that are neither completed nor aborted. */
  openUploads(): Promise<string[]>
  /** Turns versioning on, or suspends it. */
  versioning(status: 'Enabled' | 'Suspended'): Promise<void>
  /** Every version and delete marker below a prefix, in the order of the listing. */
  versions(prefix?: string): Promise<readonly ListedVersion[]>
  /** Deletes one version for good, as a lifecycle rule does. */
  removeVersion(version: Pick<ListedVersion, 'key' | 'id'>): Promise<void>
  /** Sets the lifecycle rules of the bucket: whole XML. */
  lifecycle(document: string): Promise<void>
  /** The headers that an object is described with. */
  head(key: string): Promise<Headers>
  /** Empties and removes the bucket. */
  remove(): Promise<void>
}

export interface ListedVersion {
  readonly key: string
  readonly id: string
  readonly isMarker: boolean
  readonly modified: number
}

/** Makes a new bucket on a server. */
export async function makeBucket(endpoint: Endpoint): Promise<Bucket> {
  const name = `s3db-backup-test-${randomUUID()}`
  const ask = async (method: string, path = '', more: Partial<SignedRequest> = {}) => {
    const request = { method, path: `/${name}${path}`, query: {}, body: '', headers: {}, ...more }
    try {
      return await send(endpoint, request)
    } catch (error) {
      // The server closes a connection that was idle for long, which shows only when it is used again.
      if (!(error instanceof TypeError)) throw error
      return send(endpoint, request)
    }
  }
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

  const versions = async (prefix = '') => {
    const found: ListedVersion[] = []
    let marker: Record<string, string> | undefined = {}
    while (marker !== undefined) {
      const page = await (await ask('GET', '', { query: { versions: '', prefix, ...marker } })).text()
      for (const [, kind, entry = ''] of page.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs))
        found.push({
          key: every(entry, 'Key')[0] ?? '',
          id: every(entry, 'VersionId')[0] ?? '',
          isMarker: kind === 'DeleteMarker',
          modified: Date.parse(every(entry, 'LastModified')[0] ?? ''),
        })
      const [key] = every(page, 'NextKeyMarker')
      const [id = ''] = every(page, 'NextVersionIdMarker')
      marker = key === undefined ? undefined : { 'key-marker': key, 'version-id-marker': id }
    }
    return found
  }

  const putSetting = async (setting: string, body: string) => {
    const md5 = createHash('md5').update(body).digest('base64')
    await ask('PUT', '', { query: { [setting]: '' }, body, headers: { 'content-md5': md5 } })
  }
  let versioned = false

  const removeVersion = ({ key, id }: Pick<ListedVersion, 'key' | 'id'>) =>
    ask('DELETE', `/${key.split('/').map(encoded).join('/')}`, { query: { versionId: id } })

  /** One by one: many versions in one request end Ceph's gateway 16.2 with a segmentation fault. */
  const removeVersions = async (all: readonly ListedVersion[]) => {
    for (let at = 0; at < all.length; at += 8) await Promise.all(all.slice(at, at + 8).map(removeVersion))
  }

  const deleteAll = async (objects: readonly string[]) => {
    const body = `<Delete><Quiet>true</Quiet>${objects.join('')}</Delete>`
    const md5 = createHash('md5').update(body).digest('base64')
    await ask('POST', '', { query: { delete: '' }, body, headers: { 'content-md5': md5 } })
  }

  const removeObjects = async (all: readonly string[]) => {
    for (let at = 0; at < all.length; at += 1000) {
      const objects = all.slice(at, at + 1000).map((key) => `<Object><Key>${escaped(key)}</Key></Object>`)
      await deleteAll(objects)
    }
  }

  return {
    name,
    keys,
    openUploads: async () => every(await (await ask('GET', '', { query: { uploads: '' } })).text(), 'Key'),
    head: async (key) => (await ask('HEAD', `/${key.split('/').map(encodeURIComponent).join('/')}`)).headers,
    async versioning(status) {
      versioned = true
      await putSetting(
        'versioning',
        `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`,
      )
    },
    versions,
    async removeVersion(version) {
      await removeVersion(version)
    },
    lifecycle: (document) => putSetting('lifecycle', document),
    async remove() {
      if (versioned)
        for (let left = await versions(); left.length > 0; left = await versions()) await removeVersions(left)
      // Objects that were still being written during the listing are in the next one.
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
      .replaceAll(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_, hex, decimal) =>
        String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
      )
      .replaceAll('&amp;', '&'),
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
