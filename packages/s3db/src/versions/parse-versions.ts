/** A stored version of a key, or a marker of its deletion. */
export interface ListedVersion {
  /** With the database's own prefix. */
  readonly key: string
  readonly versionId: string
  readonly isMarker: boolean
  /** By the storage's clock, in ms since 1970. */
  readonly modified: number
  /** The size of its body. */
  readonly bytes: number | undefined
  readonly storageClass: string
}

/** A page of a listing of versions. */
export interface ParsedPage {
  /** In the order of the answer: keys ascending, and of one key the newest first. */
  readonly entries: readonly ListedVersion[]
  readonly isTruncated: boolean
  readonly nextKey: string | undefined
  readonly nextVersion: string | undefined
}

/**
 * Reads the answer to a listing of versions; `undefined` if it is invalid or incomplete. In XML `<` always starts a
 * tag, so the few that matter are found without a parser, and text that a parser refuses (control characters, which ids
 * may contain) is read, too.
 */
export function parseVersions(xml: string): ParsedPage | undefined {
  if (!/<ListVersionsResult[\s>]/.test(xml) || !/<\/ListVersionsResult>\s*$/.test(xml)) return undefined
  const decode = textOf(xml, 'EncodingType') === 'url' ? fromUrl : (text: string) => text
  const entries: ListedVersion[] = []
  for (const [, kind, entry = ''] of xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)) {
    const key = textOf(entry, 'Key')
    const versionId = textOf(entry, 'VersionId')
    const modified = Date.parse(textOf(entry, 'LastModified') ?? '')
    if (key === undefined || Number.isNaN(modified)) return undefined
    const size = textOf(entry, 'Size')
    entries.push({
      key: decode(key),
      // Servers omit the id of a version that has none.
      versionId: versionId === undefined || versionId === '' ? nullVersion : versionId,
      isMarker: kind === 'DeleteMarker',
      modified,
      bytes: size === undefined ? undefined : Number(size),
      storageClass: textOf(entry, 'StorageClass') ?? 'STANDARD',
    })
  }
  const head = xml.replaceAll(/<(Version|DeleteMarker)>.*?<\/\1>/gs, '')
  const nextKey = textOf(head, 'NextKeyMarker')
  const truncated = textOf(head, 'IsTruncated')?.trim()
  // Every server sends it. If it is missing or neither, it is unknown whether the listing is complete.
  if (truncated !== 'true' && truncated !== 'false') return undefined
  return {
    entries,
    isTruncated: truncated === 'true',
    nextKey: nextKey === undefined ? undefined : decode(nextKey),
    nextVersion: textOf(head, 'NextVersionIdMarker'),
  }
}

/** The version that is written without versioning. The next write without it takes its place. */
export const nullVersion = 'null'

/** The text of the first element of this name. */
export function textOf(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  if (start < 0) return undefined
  const from = start + name.length + 2
  const end = xml.indexOf(`</${name}>`, from)
  return end < 0 ? undefined : unescaped(xml.slice(from, end))
}

const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return codePoint(Number(decimal), whole)
    return hex === undefined ? (names[name] ?? whole) : codePoint(Number.parseInt(hex, 16), whole)
  })
}

const codePoint = (point: number, otherwise: string) =>
  point <= 0x10ffff ? String.fromCodePoint(point) : otherwise

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (EncodingType); a space may be a plus. */
function fromUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
