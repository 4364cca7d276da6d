import { compareIds } from '@s3db-backup/core'

/** An object as its files show it. */
export interface FileObject {
  readonly key: string
  /** In ms since 1970. */
  readonly modified: number
  /** The size of its body's file. */
  readonly bytes: number
}

/** Objects of one folder, a column for each property: an object for each of a million would take several times as much. */
export interface FileColumns {
  /** What stands before each name in its key. */
  readonly above: string
  readonly names: string[]
  readonly modified: number[]
  readonly bytes: number[]
}

/** Objects that files show. Give it folders in the order of their keys. */
export interface ListedFiles {
  add(columns: FileColumns): void
  size(): number
  /** The newest time, in ms since 1970; 0 if there is none. */
  newest(): number
  /** All of them, so many at a time, the first first. Can be called once: what was given is let go. */
  pages(size: number): Generator<FileObject[]>
}

export function listedFiles(): ListedFiles {
  const all: FileColumns[] = []
  let size = 0
  let newest = 0
  return {
    size: () => size,
    newest: () => newest,
    add(columns) {
      if (columns.names.length === 0) return
      all.push(columns)
      size += columns.names.length
      newest = columns.modified.reduce((latest, time) => Math.max(latest, time), newest)
    },
    *pages(pageSize) {
      let page: FileObject[] = []
      for (let at = 0; at < all.length; at++) {
        const { above, names, modified, bytes } = all[at] ?? noColumns
        all[at] = noColumns
        for (const [index, name] of names.entries()) {
          page.push({ key: `${above}${name}`, modified: modified[index] ?? 0, bytes: bytes[index] ?? 0 })
          if (page.length < pageSize) continue
          yield page
          page = []
        }
      }
      if (page.length > 0) yield page
    },
  }
}

const noColumns: FileColumns = { above: '', names: [], modified: [], bytes: [] }

/** The same objects by the UTF-8 bytes of their names, each name once. */
export function sortedByName({ above, names, modified, bytes }: FileColumns): FileColumns {
  const order = Array.from(names.keys())
    .sort((a, b) => compareIds(names[a] ?? '', names[b] ?? ''))
    .filter((at, index, sorted) => names[at] !== names[sorted[index + 1] ?? -1])
  return {
    above,
    names: order.map((at) => names[at] ?? ''),
    modified: order.map((at) => modified[at] ?? 0),
    bytes: order.map((at) => bytes[at] ?? 0),
  }
}

/** Takes the objects before a key from the beginning of sorted columns. */
export function takeBefore(columns: FileColumns, key: string): FileColumns {
  const { above, names, modified, bytes } = columns
  const found = names.findIndex((name) => compareIds(`${above}${name}`, key) > 0)
  const count = found === -1 ? names.length : found
  return {
    above,
    names: names.splice(0, count),
    modified: modified.splice(0, count),
    bytes: bytes.splice(0, count),
  }
}
