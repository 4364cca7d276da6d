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
  // In staged files: text that JSON.parse reads and DuckDB does not. Of a text that the SQL itself takes for JSON no file is
  // named.
  [
    /^(Invalid Input|IO) Error: (Malformed JSON in file|JSON transform error in file|.{0,40}maximum_object_size.* file )/s,
    'content',
  ],
]

export function failureOf(error: unknown): { readonly failure: Failure; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NotSelect) return { failure: 'statement', message }
  const found = beginnings.find(([beginning]) => beginning.test(message))
  return { failure: found?.[1] ?? 'sql', message }
}
