import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Figure, nameOf } from './figure.ts'

/** Where the figures of one run lie until the page is made of them. Git does not see it. */
export const resultsFolder = join(import.meta.dirname, '../../node_modules/.trust')

/** One file for each figure, so that test files need not wait for one another. */
export function fileOf(figure: Pick<Figure, 'suite' | 'what'>): string {
  return `${createHash('sha256').update(nameOf(figure)).digest('hex').slice(0, 32)}.json`
}

export function readResults(): Figure[] {
  if (!existsSync(resultsFolder)) return []
  return readdirSync(resultsFolder).map((file) => JSON.parse(readFileSync(join(resultsFolder, file), 'utf8')))
}

export function clearResults(): void {
  rmSync(resultsFolder, { recursive: true, force: true })
}
