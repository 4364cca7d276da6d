import { createInterface } from 'node:readline/promises'
import type { Session } from '../session.js'

/** Asks one question after the other. */
export interface Prompt {
  /** The typed text, trimmed; `usual` if it is empty. */
  ask(question: string, usual: string): Promise<string>
  close(): void
}

/** Asks on the terminal. Ctrl-C ends it as it ends everything else. */
export function openPrompt({ terminal, signal }: Session): Prompt {
  const lines = createInterface({ input: terminal.input, output: process.stderr })
  // The line editor handles Ctrl-C itself.
  lines.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  return {
    async ask(question, usual) {
      try {
        const answer = await lines.question(`${question}${usual === '' ? '' : ` [${usual}]`}: `, { signal })
        return answer.trim() || usual
      } catch (error) {
        throw signal.aborted ? signal.reason : error
      }
    },
    close: () => lines.close(),
  }
}
