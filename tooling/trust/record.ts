import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, lostIn, nameOf, type Profile } from './figure.ts'
import { pageFile, rowsOf } from './page.ts'
import { fileOf, resultsFolder } from './results.ts'

/** The profile of this run. */
export const profile: Profile = process.env.TRUST === 'long' ? 'long' : 'short'

/** Chooses by profile: `byProfile({ short: 5, long: 500 })`. */
export function byProfile<T>(choice: Readonly<Record<Profile, T>>): T {
  return choice[profile]
}

/**
 * Enters a figure of a test that has passed. Fails if nothing was tried or anything was lost.
 *
 * `pnpm test:trust` makes docs/trust.md from what is entered. In every other run nothing is written; the page then
 * has to have the row already, with nothing lost.
 */
export function record(figure: Omit<Figure, 'profile'>): void {
  const entered: Figure = { ...figure, profile }
  const lost = lostIn(entered)
  if (figure.tried <= 0 || lost !== 0) {
    const ended = JSON.stringify(figure.ended)
    throw new Error(`${nameOf(figure)}: ${figure.tried} tried, ${lost} of them lost (${ended})`)
  }
  if (process.env.WRITE_DOCS === '1') enter(entered)
  else findOnPage(entered)
}

function findOnPage(figure: Figure): void {
  const row = rowsOf(readFileSync(pageFile, 'utf8')).find((one) => nameOf(one) === nameOf(figure))
  if (row?.lost === 0) return
  throw new Error(`docs/trust.md has no row "${nameOf(figure)}" with nothing lost. Run: pnpm test:trust`)
}

function enter(figure: Figure): void {
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(join(resultsFolder, fileOf(figure)), JSON.stringify(figure))
}
