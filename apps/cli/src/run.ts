import { CommanderError } from 'commander'
import { type Interrupts, listenForInterrupts } from './interrupts.js'
import { buildProgram } from './program.js'
import type { Session } from './session.js'
import { openTerminal, type Terminal } from './terminal/terminal.js'

/** What is wrong with this program itself. s3db.js listens for it, too, and would let the process go on. */
function reportCrash(terminal: Terminal): (error: unknown) => void {
  return (error) => {
    terminal.live.clear()
    terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exit(1)
  }
}

/**
 * Runs one command line (without `node` and the script) and resolves with its exit code. Everything that goes
 * wrong is printed; nothing is thrown.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal(process, argv)
  process.on('uncaughtException', reportCrash(terminal))
  const interrupts = listenForInterrupts(process, terminal)
  const session: Session = { terminal, signal: interrupts.signal, exitCode: 0 }
  try {
    const program = await buildProgram(session, argv)
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
    return session.exitCode
  } catch (error) {
    if (isHelp(error)) return 0
    return await settle(error, session, interrupts)
  } finally {
    interrupts.close()
  }
}

/** Help and version come as errors from the parser and are none. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0
}

async function settle(error: unknown, { terminal, signal }: Session, interrupts: Interrupts) {
  // Loaded only now: help and commands that go well do without it.
  const { report, reportInterrupt } = await import('./terminal/failure.js')
  return signal.aborted && error === signal.reason
    ? reportInterrupt(interrupts.exitCode(), terminal)
    : report(error, terminal)
}
