import type { Part } from '../manifest.js'
import type { ObjectKind } from '../ports/driver.js'
import type { PartKind } from './layout.js'

const kindOfContents: Readonly<Record<PartKind | 'keys', ObjectKind>> = {
  rows: 'part',
  raw: 'part',
  index: 'index',
  deleted: 'index',
  offsets: 'index',
  keys: 'keys',
}

/** The object kind of a part with this content. Later kinds of content count as `index`: they stay readable at once. */
export function kindOfHolds(holds: string): ObjectKind {
  return isKnown(holds) ? kindOfContents[holds] : 'index'
}

/**
 * The object kind of a part. In an encrypted backup that was not opened it is `kind`; if that is missing, because an
 * older version wrote the manifest, it is `index`.
 */
export function objectKindOf({ holds, kind }: Pick<Part, 'holds' | 'kind'>): ObjectKind {
  if (holds !== '') return kindOfHolds(holds)
  return kind === 'part' || kind === 'keys' ? kind : 'index'
}

function isKnown(holds: string): holds is keyof typeof kindOfContents {
  return Object.hasOwn(kindOfContents, holds)
}
