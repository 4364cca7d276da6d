import { CommanderError } from 'commander'
import { endProcess } from './end-process.js'
import { exitCodes } from './exit-codes.js'
import { type Interrupts, listenForInterrupts, type SignalSource } from './interrupts.js'
import { nodeProblem } from './node-version.js'
import { buildProgram } from './program.js'
import type { Session } from './session.js'
import { openTerminal, type Terminal } from './terminal/terminal.js'

/** The parts of the process that a command line uses. Its directory and its variables are those of the process, too. */
export type Host = Parameters<typeof openTerminal>[0] &
  SignalSource & {
    on(name: 'uncaughtException', listener: (error: unknown) => void): unknown
    exit(code: number): never
  }

/** Reports a defect of this program. s3db.js also listens for it, and would let the process continue. */
function reportCrash(terminal: Terminal, host: Host): (error: unknown) => void {
  return (error) => {
    terminal.live.clear()
    terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
    host.exit(1)
  }
}

/**
 * Runs one command line (without `node` and the script) and resolves with its exit code. Everything that goes
 * wrong is printed; nothing is thrown.
 */
export async function run(argv: readonly string[], host: Host = process): Promise<number> {
  const terminal = openTerminal(host, argv)
  const problem = nodeProblem(process.versions.node)
  if (problem !== undefined) {
    terminal.complain(problem)
    return exitCodes.unsupported
  }
  host.on('uncaughtException', reportCrash(terminal, host))
  const exit = host === process ? endProcess : host.exit.bind(host)
  const interrupts = listenForInterrupts(host, terminal, exit)
  const session: Session = { terminal, signal: interrupts.signal, exitCode: 0, typed: argv }
  try {
    const program = await buildProgram(session, argv)
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
    await terminal.written()
    const failed = session.exitCode !== 0 || session.strict !== true || terminal.warnings === 0
    return failed ? session.exitCode : exitCodes.incomplete
  } catch (error) {
    if (isHelp(error)) return await ended(session, interrupts)
    return await settle(error, session, interrupts)
  } finally {
    interrupts.close()
  }
}

/** Help that could not be printed was not given. */
async function ended(session: Session, interrupts: Interrupts): Promise<number> {
  try {
    await session.terminal.written()
    return 0
  } catch (error) {
    return await settle(error, session, interrupts)
  }
}

/** The parser throws help and version as errors, but they are not errors. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0
}

async function settle(error: unknown, session: Session, interrupts: Interrupts) {
  const { terminal, signal } = session
  // Loaded only now: help and successful commands do not need it.
  const { report, reportInterrupt } = await import('./terminal/failure.js')
  return signal.aborted && error === signal.reason
    ? reportInterrupt(interrupts.exitCode(), terminal, session.stopping)
    : report(error, terminal, session)
}
