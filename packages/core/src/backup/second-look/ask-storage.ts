import { BackupError } from '../../errors.js'
import type { JsonValue } from '../../json.js'
import type { Call } from '../../ports/driver.js'
import type { Row, RowIndexEntry, SecondAnswer, SecondLook } from '../../ports/source.js'

/** The storage's answer about one record. */
export type Answer =
  | { readonly is: 'gone' }
  | {
      readonly is: 'there'
      readonly row: Row
      readonly raw: JsonValue | undefined
      readonly mark: RowIndexEntry | undefined
    }
  | { readonly is: 'lost'; readonly reason: string }

/** Ids that a source is asked about at once. */
const mostAtOnce = 100

/**
 * Asks for each id, in ascending order. Only the storage's own "not found" makes one gone: an id that the source
 * does not mention, or of which it says two things, is not.
 */
export async function askStorage(
  look: SecondLook,
  resource: string,
  ids: readonly string[],
  call: Call,
): Promise<{ readonly answers: ReadonlyMap<string, Answer>; readonly requests: number }> {
  const answers = new Map<string, Answer>()
  let requests = 0
  for (let from = 0; from < ids.length; from += mostAtOnce) {
    const some = ids.slice(from, from + mostAtOnce)
    const answer = await look.ask(resource, some, call)
    call.signal.throwIfAborted()
    checkMarks(answer, resource)
    requests += answer.requests
    const told = read(answer)
    for (const id of some) answers.set(id, told.get(id) ?? unanswered)
  }
  return { answers, requests }
}

const unanswered: Answer = {
  is: 'lost',
  reason: 'it is not listed, and the storage did not say whether it was deleted',
}

function read({ gone, found, lost = [] }: SecondAnswer): Map<string, Answer> {
  const answers = new Map<string, Answer>(gone.map((id) => [id, { is: 'gone' }]))
  for (const { id, reason } of lost) answers.set(id, { is: 'lost', reason })
  for (const [i, row] of (found?.rows ?? []).entries())
    answers.set(row.id, { is: 'there', row, raw: found?.raw?.get(row.id), mark: found?.marks?.[i] })
  return answers
}

function checkMarks({ found }: SecondAnswer, resource: string): void {
  if (found?.marks === undefined) return
  const { rows, marks } = found
  if (marks.length === rows.length && rows.every(({ id }, i) => marks[i]?.id === id)) return
  throw new BackupError('internal', `The source of ${resource} gave marks that do not match its rows`)
}
