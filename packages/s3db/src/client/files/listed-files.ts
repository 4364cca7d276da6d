import type { SortedFiles } from './packed-files.js'

/** An object as its files show it. */
export interface FileObject {
  readonly key: string
  /** In ms since 1970. */
  readonly modified: number
  /** The size of its body's file. */
  readonly bytes: number
}

/** Some objects of one folder, those at the positions from `from` up to `to`. */
export interface FileSpan {
  /** The prefix of each name in its key. */
  readonly above: string
  readonly files: SortedFiles
  readonly from: number
  readonly to: number
}

/** Objects that files show. Give it spans in the order of their keys. */
export interface ListedFiles {
  add(span: FileSpan): void
  size(): number
  /** The newest time, in ms since 1970; 0 if there is none. */
  newest(): number
  /** All of them, so many at a time, the first first. */
  pages(size: number): Generator<FileObject[]>
}

export function listedFiles(): ListedFiles {
  const spans: FileSpan[] = []
  let size = 0
  let newest = 0
  return {
    size: () => size,
    newest: () => newest,
    add(span) {
      spans.push(span)
      size += span.to - span.from
      for (let at = span.from; at < span.to; at++) newest = Math.max(newest, span.files.modifiedAt(at))
    },
    *pages(pageSize) {
      let page: FileObject[] = []
      for (const { above, files, from, to } of spans) {
        for (let at = from; at < to; at++) {
          const key = `${above}${files.nameAt(at)}`
          page.push({ key, modified: files.modifiedAt(at), bytes: files.bytesAt(at) })
          if (page.length < pageSize) continue
          yield page
          page = []
        }
      }
      if (page.length > 0) yield page
    },
  }
}
