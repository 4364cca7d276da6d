import type { Call } from '@s3db-backup/core'
import type { Client } from '../client/database.js'
import { keysAsOf, type PastKey } from './as-of.js'
import type { Counters } from './counted.js'
import type { Gaps } from './gaps.js'
import { listVersions, type VersionsPage } from './list-versions.js'

/** A key that was there at the moment, or may have been. */
export type ThereOrLost = Exclude<PastKey, { readonly absent: true }>

/** What a bucket had at a moment, from listings of its versions. */
export interface PastListing {
  /** All versions below a prefix, older and later ones, too. */
  versions(prefix: string, call: Call): AsyncIterable<VersionsPage>
  /** The keys below a prefix that were there or may have been; `maxKeys` versions an answer. */
  keys(prefix: string, call: Call, maxKeys?: number): AsyncIterable<readonly ThereOrLost[]>
  /** One key; `undefined` if it has no version. */
  key(key: string, call: Call): Promise<PastKey | undefined>
}

/**
 * Listings as of a moment, in ms since 1970. `gapsOf` says what the versions do not tell of it; it may list `versions`
 * itself.
 */
export function pastListing(
  client: Client,
  at: number,
  gapsOf: (call: Call) => Promise<Gaps>,
  counters: Counters,
): PastListing {
  const pages = async function* (prefix: string, call: Call, maxKeys?: number) {
    for await (const page of listVersions(client, prefix, call, maxKeys)) {
      counters.pages += 1
      yield page
    }
  }
  const versionsOf = async function* (key: string, call: Call) {
    for await (const page of pages(key, call)) {
      const entries = page.entries.filter((entry) => entry.key === key)
      yield { ...page, entries }
      // The keys that follow begin with this key and are longer.
      if (entries.length < page.entries.length) return
    }
  }
  return {
    versions: pages,
    async *keys(prefix, call, maxKeys) {
      for await (const page of keysAsOf(pages(prefix, call, maxKeys), at, await gapsOf(call))) {
        counters.entries += page.entries
        counters.near += page.near
        yield page.keys.filter((found): found is ThereOrLost => !('absent' in found))
      }
    },
    async key(key, call) {
      for await (const { keys } of keysAsOf(versionsOf(key, call), at, await gapsOf(call)))
        if (keys[0] !== undefined) return keys[0]
      return undefined
    },
  }
}
