import { suiteIn } from './suites.ts'

/** How much a test tries: with `pnpm test` the quick choice, with every other suite, or named by itself, the full one. */
export function sized<T>({ quick, full }: { readonly quick: T; readonly full: T }): T {
  return suiteIn(process.env) === 'quick' ? quick : full
}
