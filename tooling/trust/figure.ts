import type { Suite } from './suites.ts'

/** How much is tried: `short` by `pnpm test:all`, `long` by `pnpm test:trust --long` or `TRUST=long`. */
export type Profile = 'short' | 'long'

/** One row of the report. `suite` and `what` together name it. */
export interface Figure {
  readonly suite: Suite
  /** In words, the same in every profile and on every server. */
  readonly what: string
  /** What it ran on, where that may differ: a server, a way to fill a disk. */
  readonly on?: string | undefined
  readonly tried: number
  /** How many ended in each way in which something may end. What is in none of them was lost. */
  readonly ended: Readonly<Record<string, number>>
  readonly profile: Profile
}

/** How many ended in no way in which they may end. */
export function lostIn({ tried, ended }: Figure): number {
  return tried - Object.values(ended).reduce((sum, count) => sum + count, 0)
}

export function nameOf({ suite, what }: Pick<Figure, 'suite' | 'what'>): string {
  return `${suite}: ${what}`
}
