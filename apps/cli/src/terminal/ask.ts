import { createInterface } from 'node:readline/promises'
import { BackupError, type Operation } from '@s3db-backup/core'
import type { Session } from '../session.js'

/** A question, and the error if nobody can answer. */
export interface Question {
  /** Ends without a question mark's choices: `Delete it for good?`. */
  readonly text: string
  /** What did not happen where nobody can answer: `nothing was deleted`. */
  readonly undone: string
  readonly suggestion: string
  readonly operation: Operation
}

/** Throws `invalid_options` without an interactive terminal. */
export function checkSomebodyIsThere({ terminal }: Session, question: Omit<Question, 'text'>): void {
  if (terminal.watched && terminal.input.isTTY && !terminal.json) return
  const { undone, suggestion, operation } = question
  throw new BackupError('invalid_options', `No terminal to confirm on, so ${undone}`, {
    operation,
    suggestion,
  })
}

/** Asks on the terminal; only `y` and `yes` mean yes. Throws what {@link checkSomebodyIsThere} throws. */
export async function agreed(session: Session, question: Question): Promise<boolean> {
  checkSomebodyIsThere(session, question)
  const { terminal, signal } = session
  const prompt = createInterface({ input: terminal.input, output: process.stderr })
  // The line editor handles Ctrl-C itself; it should mean the same as elsewhere.
  prompt.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  try {
    const answer = await prompt.question(`${question.text} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    prompt.close()
  }
}
