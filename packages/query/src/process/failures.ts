import type { Failure } from './messages.ts'
import { NotSelect } from './sandbox.ts'

/** What DuckDB's messages begin with, by what it means. */
const beginnings: readonly (readonly [RegExp, Failure])[] = [
  [/^Permission Error/, 'access'],
  [
    /^(Catalog|Invalid Configuration|Invalid Input) Error: .*(configuration has been locked|is locked)/s,
    'access',
  ],
  [/max_temp_directory_size|No space left/, 'space'],
  [/^Out of Memory Error|bad_alloc/, 'memory'],
  // In staged files: text that JSON.parse reads and DuckDB does not.
  [/^(Invalid Input|IO) Error: (Malformed JSON|JSON transform error|.*maximum_object_size)/s, 'content'],
]

export function failureOf(error: unknown): { readonly failure: Failure; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NotSelect) return { failure: 'statement', message }
  const found = beginnings.find(([beginning]) => beginning.test(message))
  return { failure: found?.[1] ?? 'sql', message }
}
