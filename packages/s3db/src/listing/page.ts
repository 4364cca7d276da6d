import type { KeyRange } from './key-range.js'

/** An object of a listing. */
export interface ListedObject {
  readonly key: string
  /** By the storage's own clock, in ms since 1970; 0 if the listing does not say. */
  readonly modified: number
  /** The size of its body. */
  readonly bytes: number | undefined
}

/** A part of a listing. */
export interface ListedPage {
  readonly objects: readonly ListedObject[]
  /** The newest time of all that is known by now, in ms since 1970; 0 if nothing is. */
  readonly newest: number
  /** Objects that are known to come on later pages. */
  readonly toCome: number
}

/** Keys on one page of an S3 listing: the most that S3 gives. */
export const pageSize = 1000

/** The page size that means "everything" to clients other than S3. */
export const everything = 2_147_483_647

/** The part of a prefix to list, and the page size. */
export interface HowToList {
  /** At most 1,000, which is the default. */
  readonly keysPerPage?: number | undefined
  /** Only these keys. No page beyond them is requested from S3. */
  readonly range?: KeyRange | undefined
}
