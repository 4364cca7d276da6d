import type { CheckedRestore } from './restore-options.js'

/** The requested ids. */
export interface WantedIds {
  has(id: string): boolean
  found(id: string): void
  missing(): string[]
}

/** Nothing where all records are wanted. */
export function wantedIds({ ids }: CheckedRestore): WantedIds | undefined {
  if (ids === undefined) return undefined
  const wanted = new Set(ids)
  const found = new Set<string>()
  return {
    has: (id) => wanted.has(id),
    found: (id) => found.add(id),
    missing: () => [...wanted].filter((id) => !found.has(id)),
  }
}
