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

/** As what a part that holds such things is stored. What later versions may add is an `index`: it stays readable at once. */
export function kindOfHolds(holds: string): ObjectKind {
  return isKnown(holds) ? kindOfContents[holds] : 'index'
}

/**
 * As what a part of a backup is stored. Of an encrypted backup that was not opened its `kind` says so; where that is
 * missing, because an older version wrote the manifest, it is an `index`.
 */
export function objectKindOf({ holds, kind }: Pick<Part, 'holds' | 'kind'>): ObjectKind {
  if (holds !== '') return kindOfHolds(holds)
  return kind === 'part' || kind === 'keys' ? kind : 'index'
}

function isKnown(holds: string): holds is keyof typeof kindOfContents {
  return Object.hasOwn(kindOfContents, holds)
}
