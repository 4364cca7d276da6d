/* Each takes the XML of a ListObjectsV2 answer and gives it as some server would. */

const entries = (page: string) => page.match(/<Contents>.*?<\/Contents>/gs) ?? []
const withEntries = (page: string, listed: readonly string[]) =>
  page
    .replaceAll(/<Contents>.*?<\/Contents>/gs, '')
    .replace('</ListBucketResult>', `${listed.join('')}</ListBucketResult>`)

export function keysRepeated(page: string): string {
  return withEntries(
    page,
    entries(page).flatMap((entry) => [entry, entry]),
  )
}

/** For each object, its folder too, with and without a slash at the end. */
export function withFolderMarkers(page: string): string {
  const markers = entries(page).flatMap((entry) =>
    ['$1/', '$1'].map((folder) =>
      entry
        .replace(/<Key>(.*)\/[^/]*<\/Key>/, `<Key>${folder}</Key>`)
        .replace(/<Size>\d+<\/Size>/, '<Size>0</Size>'),
    ),
  )
  return withEntries(page, [...markers, ...entries(page)])
}

export function keysEncoded(page: string): string {
  return page.replaceAll(/<Key>(.*?)<\/Key>/g, (_, key: string) => `<Key>${encodeURIComponent(key)}</Key>`)
}

export function withoutToken(page: string): string {
  return page.replace(/<NextContinuationToken>.*?<\/NextContinuationToken>/, '')
}

export function neverTheEnd(page: string): string {
  return withoutToken(page).replace('<IsTruncated>false<', '<IsTruncated>true<')
}

export function sameToken(page: string): string {
  return neverTheEnd(page).replace(
    '</ListBucketResult>',
    `<NextContinuationToken>IA</NextContinuationToken></ListBucketResult>`,
  )
}

/** The token leads to the beginning: a key of a space comes before all. */
export function emptyFirstPage(page: string): string {
  return sameToken(withEntries(page, []))
}
